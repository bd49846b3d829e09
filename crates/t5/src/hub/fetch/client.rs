//! Requests to a hub: where they go, what goes along, and how long they wait.
//!
//! Redirects are followed here and not by the library, since the token goes to the hub's own host alone, and what a hub says of a file
//! stands in its own answer, not in that of the store it leads to.

use std::io::Read as _;
use std::time::{Duration, Instant};

use ureq::http::header::{ACCEPT_ENCODING, AUTHORIZATION, LOCATION, RANGE};
use ureq::http::{HeaderMap, HeaderValue, Method, Request, Response, Uri};
use ureq::{Agent, Body};

use super::{FetchError, Hub, Patience, RequestError, error::quoted};

/// How often an answer may lead elsewhere.
const REDIRECTS: usize = 8;

/// How long finding a host, and connecting to it, may take.
const CONNECT: Duration = Duration::from_secs(20);

/// The largest description of a model. Real ones have some kilobytes.
const LARGEST_ANSWER: u64 = 16 << 20;

/// Scheme, host and port.
type Origin = (String, String, u16);

/// A hub that is asked.
pub(super) struct Client {
    agent: Agent,
    endpoint: String,
    home: Origin,
    token: Option<HeaderValue>,
    pub(super) patience: Patience,
}

/// An answer, and what the hub itself said on the way to it.
pub(super) struct Answer {
    pub(super) response: Response<Body>,
    pub(super) said: HeaderMap,
}

impl Client {
    pub(super) fn new(hub: &Hub, token: Option<&str>) -> Result<Self, FetchError> {
        let no_hub = || FetchError::Endpoint(quoted(&hub.endpoint));
        let endpoint = hub.endpoint.trim_end_matches('/').to_owned();
        let uri: Uri = endpoint.parse().map_err(|_| no_hub())?;
        let home = origin(&uri).filter(|_| uri.query().is_none()).ok_or_else(no_hub)?;
        let token = token.map(|token| HeaderValue::try_from(format!("Bearer {}", token.trim())));
        let mut token = token.transpose().map_err(|_| FetchError::Token)?;
        if let Some(token) = &mut token {
            token.set_sensitive(true);
        }
        let mut config = Agent::config_builder()
            .user_agent(concat!("fishdip/", env!("CARGO_PKG_VERSION")))
            .http_status_as_error(false)
            .max_redirects(0)
            .timeout_resolve(Some(CONNECT))
            .timeout_connect(Some(CONNECT))
            .timeout_recv_response(Some(hub.patience.stall))
            .timeout_per_read(Some(hub.patience.stall))
            .timeout_per_write(Some(hub.patience.stall));
        // No proxy leads to this machine itself.
        if matches!(home.1.as_str(), "localhost" | "127.0.0.1" | "[::1]") {
            config = config.proxy(None);
        }
        let agent = Agent::new_with_config(config.build());
        Ok(Self { agent, endpoint, home, token, patience: hub.patience.clone() })
    }

    /// The description of the hub's that lies at `path`.
    pub(super) fn json<T: serde::de::DeserializeOwned>(&self, path: &str) -> Result<T, RequestError> {
        let response = self.get(path, 0)?.response;
        if !response.status().is_success() {
            return Err(RequestError::Status(response.status().as_u16()));
        }
        let stall = self.patience.stall;
        let end = Instant::now() + 5 * stall;
        let mut body = response.into_body().into_reader().take(LARGEST_ANSWER + 1);
        let mut text = Vec::new();
        let mut buffer = vec![0; 1 << 14];
        loop {
            let failed = |error| RequestError::from_ureq(ureq::Error::from(error), stall);
            let count = body.read(&mut buffer).map_err(failed)?;
            text.extend_from_slice(&buffer[..count]);
            if text.len() as u64 > LARGEST_ANSWER || Instant::now() > end {
                return Err(RequestError::Endless(LARGEST_ANSWER));
            }
            if count == 0 {
                // The depth of what is nested is limited by the parser.
                return Ok(serde_json::from_slice(&text)?);
            }
        }
    }

    /// What the hub says of the file at `path`, without its content. An answer that leads to another host is not followed.
    pub(super) fn head(&self, path: &str) -> Result<Answer, RequestError> {
        self.ask(&Method::HEAD, path, 0)
    }

    /// The file at `path`, from the byte `from` on.
    pub(super) fn get(&self, path: &str, from: u64) -> Result<Answer, RequestError> {
        self.ask(&Method::GET, path, from)
    }

    fn ask(&self, method: &Method, path: &str, from: u64) -> Result<Answer, RequestError> {
        let failed = |error| RequestError::from_ureq(error, self.patience.stall);
        let mut url: Uri = format!("{}{path}", self.endpoint)
            .parse()
            .map_err(|error| failed(ureq::Error::Http(ureq::http::Error::from(error))))?;
        let mut said = HeaderMap::new();
        for _ in 0..=REDIRECTS {
            let is_home = origin(&url).as_ref() == Some(&self.home);
            // What is packed on its way has another length and another tag.
            let mut request = Request::builder().method(method).uri(&url).header(ACCEPT_ENCODING, "identity");
            if from > 0 {
                request = request.header(RANGE, format!("bytes={from}-"));
            }
            if let (Some(token), true) = (&self.token, is_home) {
                request = request.header(AUTHORIZATION, token);
            }
            let request = request.body(()).map_err(|error| failed(error.into()))?;
            let response = self.agent.run(request).map_err(failed)?;
            if is_home {
                said.clone_from(response.headers());
            }
            let Some(next) = redirected(&url, &response)? else {
                return Ok(Answer { response, said });
            };
            if method == Method::HEAD && origin(&next).as_ref() != Some(&self.home) {
                return Ok(Answer { response, said });
            }
            url = next;
        }
        Err(RequestError::Redirects(REDIRECTS))
    }

    /// Does what may fail because a connection breaks, and does it again, some time later, as often as there is patience for.
    pub(super) fn retried<T>(
        &self,
        mut attempt: impl FnMut() -> Result<T, RequestError>,
    ) -> Result<T, RequestError> {
        let mut wait = self.patience.first_wait;
        let mut left = self.patience.retries;
        loop {
            match attempt() {
                Err(error) if error.is_passing() && left > 0 => {
                    std::thread::sleep(wait);
                    wait = wait.saturating_mul(2);
                    left -= 1;
                }
                result => return result,
            }
        }
    }
}

/// Of an address that a request can go to.
fn origin(url: &Uri) -> Option<Origin> {
    let scheme = url.scheme_str()?.to_ascii_lowercase();
    let usual = match scheme.as_str() {
        "http" => 80,
        "https" => 443,
        _ => return None,
    };
    let host = url.host().filter(|host| !host.is_empty())?.to_ascii_lowercase();
    Some((scheme, host, url.port_u16().unwrap_or(usual)))
}

/// Where an answer to a request to `from` leads, if it leads elsewhere.
fn redirected<B>(from: &Uri, response: &Response<B>) -> Result<Option<Uri>, RequestError> {
    if !matches!(response.status().as_u16(), 301 | 302 | 303 | 307 | 308) {
        return Ok(None);
    }
    let given = response.headers().get(LOCATION).map(HeaderValue::as_bytes).unwrap_or_default();
    let given = String::from_utf8_lossy(given);
    let scheme = from.scheme_str().unwrap_or_default();
    let target = if given.starts_with("//") {
        format!("{scheme}:{given}")
    } else if given.starts_with('/') {
        let authority = from.authority().map_or("", |authority| authority.as_str());
        format!("{scheme}://{authority}{given}")
    } else {
        given.to_string()
    };
    let url = target.parse::<Uri>().ok().filter(|url| {
        let secure = |url: &Uri| origin(url).is_some_and(|(scheme, ..)| scheme == "https");
        origin(url).is_some() && (secure(url) || !secure(from))
    });
    url.map(Some).ok_or_else(|| RequestError::Redirect(quoted(&given)))
}

#[cfg(test)]
mod tests {
    use ureq::http::{Response, Uri};

    use super::redirected;

    /// Where an answer with this location leads, or nothing where that is refused.
    fn leads(from: &'static str, location: &str) -> Option<String> {
        let response = Response::builder().status(302).header("location", location).body(()).ok()?;
        Some(redirected(&Uri::from_static(from), &response).ok()??.to_string())
    }

    #[test]
    fn addresses_within_the_host_and_elsewhere() {
        let hub = "https://hub.example:8443/a/b";
        assert_eq!(leads(hub, "/c?d=e").as_deref(), Some("https://hub.example:8443/c?d=e"));
        assert_eq!(leads(hub, "//store.example/c").as_deref(), Some("https://store.example/c"));
        assert_eq!(leads(hub, "https://store.example/c").as_deref(), Some("https://store.example/c"));
        let plain = "http://hub.example/a";
        assert_eq!(leads(plain, "http://store.example/c").as_deref(), Some("http://store.example/c"));
        assert_eq!(leads(plain, "https://store.example/c").as_deref(), Some("https://store.example/c"));
    }

    #[test]
    fn addresses_that_no_request_goes_to() {
        let hub = "https://hub.example/a";
        for location in
            ["http://hub.example/a", "ftp://hub.example/a", "file:///etc/passwd", "b", "", "https://", "?x"]
        {
            assert_eq!(leads(hub, location), None, "{location}");
        }
    }
}
