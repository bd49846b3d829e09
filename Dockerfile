# fishdip for the processor:
#   docker build -t fishdip .
#   docker run --rm -v "$PWD:/work" -v fishdip-models:/models fishdip train --config my.toml
# The bundled model and data lie in /opt/fishdip:
#   docker run --rm -v "$PWD:/work" -w /opt/fishdip fishdip train --run /work/first
FROM rust:1.95-slim-trixie AS build
RUN apt-get update && apt-get install --yes --no-install-recommends g++ git && rm -rf /var/lib/apt/lists/*
WORKDIR /src
COPY . .
RUN cargo build --release --locked --package fishdip --features hub,parquet && strip target/release/fishdip

FROM debian:trixie-slim
# `fishdip fetch` checks certificates by its own list; models are kept in a volume.
ENV HF_HUB_CACHE=/models
COPY --from=build /src/target/release/fishdip /usr/local/bin/fishdip
COPY --from=build /src/LICENSE-APACHE /src/LICENSE-MIT /usr/share/doc/fishdip/
COPY --from=build /src/configs /opt/fishdip/configs
COPY --from=build /src/fixtures/models /opt/fishdip/fixtures/models
COPY --from=build /src/fixtures/data /opt/fishdip/fixtures/data
WORKDIR /work
ENTRYPOINT ["fishdip"]
CMD ["--help"]
