"""Writes a trained T5 as a Hugging Face folder in bf16, with its tokenizer and where all came from.

    export.py OUT [--state DIR] [--shape NAME]   writes the newest state as it is, without cooling
"""

import argparse
import json
import shutil
from pathlib import Path

import torch
from safetensors.torch import save_file
from tokenizers import Tokenizer
from transformers import T5TokenizerFast

from place import folder, write_bytes
from tokenizer import EOS, EXTRA, MARKS, PAD, Pieces
from train import Training

SOURCE = Path(__file__).with_name("SOURCE.txt.in")


def export(model, state, out, history):
    """Writes config.json, model.safetensors, spiece.model, tokenizer.json, generation_config.json and SOURCE.txt into `out`."""
    out.mkdir(parents=True, exist_ok=True)
    config = {
        **model.config.to_diff_dict(), "architectures": ["T5ForConditionalGeneration"], "dropout_rate": 0.1, "dtype": "bfloat16",
        "num_decoder_layers": model.config.num_decoder_layers, "vocab_size": model.config.vocab_size,
    }  # fmt: skip
    for name in ("d_model", "d_kv", "d_ff", "num_heads", "num_layers", "decoder_start_token_id", "eos_token_id", "pad_token_id",
                 "feed_forward_proj", "is_encoder_decoder", "layer_norm_epsilon", "model_type",
                 "relative_attention_max_distance", "relative_attention_num_buckets", "tie_word_embeddings"):  # fmt: skip
        config[name] = getattr(model.config, name)
    write_json(out / "config.json", config)
    write_json(out / "generation_config.json", {"decoder_start_token_id": PAD, "eos_token_id": EOS, "pad_token_id": PAD})
    # The table of pieces is tied: one tensor.
    tied = {"encoder.embed_tokens.weight", "decoder.embed_tokens.weight", "lm_head.weight"}
    weights = {name: value.detach().to("cpu", torch.bfloat16).contiguous() for name, value in model.state_dict().items() if name not in tied}
    save_file(weights, out / "model.safetensors", metadata={"format": "pt"})
    (out / "model.safetensors").chmod(0o644)
    shutil.copyfile(state / "spiece.model", out / "spiece.model")
    write_bytes(out / "tokenizer.json", fast_tokenizer(state).to_str(pretty=False).encode())
    shape = model.config
    parameters = sum(weight.numel() for weight in model.parameters())
    text = SOURCE.read_text(encoding="utf-8").format(
        encoder=shape.num_layers, decoder=shape.num_decoder_layers, width=shape.d_model, heads=shape.num_heads, each=shape.d_kv,
        texts=said_of_texts(state), inner=shape.d_ff, millions=f"{parameters / 1e6:.2f}", rows=shape.vocab_size, pieces=Pieces(state / "spiece.model").count, history=history,
    )  # fmt: skip
    write_bytes(out / "SOURCE.txt", text.encode())


def said_of_texts(state):
    """What `prepare.py` left of the texts that it read."""
    path = state / "texts.txt"
    if not path.exists():
        raise SystemExit(f"{path} is missing, which says what texts were read; run prepare again with the same texts")
    return path.read_text(encoding="utf-8").rstrip()


def fast_tokenizer(state):
    """The tokenizer of `tokenizer.json`, which gives the ids of `spiece.model`.

    The conversion of `transformers` forgets the space before a text, and takes pieces with marks for words to be found before anything is
    parted, where no text has them. As pieces like all others, with the score 0 above theirs, they are found where SentencePiece finds them.
    """
    path = state / "spiece.model"
    parts = json.loads(T5TokenizerFast(str(path), extra_ids=EXTRA).backend_tokenizer.to_str())
    marks = {"▁" + mark for mark in MARKS}
    parts["added_tokens"] = [token for token in parts["added_tokens"] if token["content"] not in marks]
    charsmap = parts["normalizer"]["normalizers"][0]
    strip = {"type": "Strip", "strip_left": True, "strip_right": True}
    spaces = {"type": "Replace", "pattern": {"Regex": " {2,}"}, "content": " "}
    parts["normalizer"] = {"type": "Sequence", "normalizers": [charsmap, strip, spaces]}
    parts["pre_tokenizer"] = parts["decoder"] = {"type": "Metaspace", "replacement": "▁", "prepend_scheme": "always", "split": True}
    made, pieces = Tokenizer.from_str(json.dumps(parts)), Pieces(path)
    for line in ("[ Ada | person ] wrote", "a  b = c", " [ x | [ y | z ] ]", "ﬁve½", "|a]"):
        if made.encode(line, add_special_tokens=False).ids != pieces.model.encode(line):
            raise SystemExit(f"tokenizer.json and spiece.model part {line!r} in different ways")
    return made


def write_json(path, value):
    """JSON with sorted keys."""
    write_bytes(path, (json.dumps(value, indent=2, sort_keys=True) + "\n").encode())


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("out", type=Path, metavar="OUT")
    parser.add_argument("--state", type=folder, help="where all is kept")
    parser.add_argument("--shape", default="nano")
    options = parser.parse_args()
    state = options.state or folder(None)
    training = Training(state, options.shape)
    training.load(state / f"{options.shape}.pt")
    export(training.student.t5, state, options.out, f"{training.step} steps at a flat rate")


if __name__ == "__main__":
    main()
