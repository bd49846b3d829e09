"""The model that is trained: a small T5, what else is asked of its encoder, and its losses."""

import json

import torch
import torch.nn.functional as F
from transformers import T5Config, T5ForConditionalGeneration

from tasks import IGNORED, TAGS
from tokenizer import PAD

# What is written into the state and cannot be changed later.
SHAPE = {"d_model": 256, "d_kv": 32, "num_heads": 8, "d_ff": 1024, "num_layers": 4, "num_decoder_layers": 2}
LARGE = {"d_model": 512, "d_kv": 64, "num_heads": 8, "d_ff": 2048, "num_layers": 8, "num_decoder_layers": 6}
SHAPES = {"nano": SHAPE, "large": LARGE}


class Student(torch.nn.Module):
    """T5 with two heads on its encoder: the teacher's states, and tags."""

    def __init__(self, shape, rows, states):
        super().__init__()
        config = T5Config(
            vocab_size=rows, dropout_rate=0.0, decoder_start_token_id=PAD, eos_token_id=1, pad_token_id=PAD,
            feed_forward_proj="relu", tie_word_embeddings=True, **shape,
        )  # fmt: skip
        self.t5 = T5ForConditionalGeneration(config)
        self.states = torch.nn.Linear(config.d_model, states)
        self.tags = torch.nn.Linear(config.d_model, TAGS)

    def start_from(self, tokenizer, table, pieces):
        """Puts the teacher's pieces, in their main directions, where the student's pieces of like letters are."""
        width = self.t5.config.d_model
        centred = table - table.mean(0)
        _, _, directions = torch.linalg.svd(centred[1000:], full_matrices=False)
        table = centred @ directions[:width].T
        if table.shape[1] < width:
            table = F.pad(table, (0, width - table.shape[1]))
        known, rows = tokenizer.get_vocab(), self.t5.shared.weight.data
        scale = table.pow(2).mean().sqrt()
        for at in range(3, pieces.count):
            text = pieces.model.id_to_piece(at)
            letters = text.lstrip("▁").lower()
            if not letters:
                continue
            inner = not text.startswith("▁") and f"##{letters}" in known
            found = [known[f"##{letters}"]] if inner else tokenizer(letters, add_special_tokens=False)["input_ids"]
            if found:
                # A tenth stays random, so that pieces which differ in case alone do too.
                rows[at] = 0.95 * table[found].mean(0) / scale + 0.3 * rows[at]

    def encode(self, batch):
        """The encoder's output [rows, length, d_model]."""
        return self.t5.encoder(input_ids=batch.source, attention_mask=(batch.source != PAD).long()).last_hidden_state

    def reading_loss(self, batch, states):
        """How far the heads are from the teacher's states (mean square, in deviations) and from the tags."""
        hidden = self.encode(batch).float().flatten(0, 1)
        owned = batch.owner.flatten() >= 0
        owner = batch.owner.flatten()[owned]
        sums = torch.zeros(batch.words, hidden.shape[1], device=hidden.device).index_add(0, owner, hidden[owned])
        words = sums / torch.bincount(owner, minlength=batch.words).clamp(min=1).unsqueeze(1)
        return F.mse_loss(self.states(words), states), F.cross_entropy(self.tags(words), batch.tags, ignore_index=IGNORED)

    def writing_loss(self, batch):
        """Cross entropy of the target, over the legal pieces where the batch names such."""
        hidden = self.encode(batch)
        before = F.pad(batch.target[:, :-1], (1, 0), value=PAD)
        out = self.t5.decoder(
            input_ids=before, encoder_hidden_states=hidden, encoder_attention_mask=(batch.source != PAD).long()
        ).last_hidden_state[batch.learned]
        table, target = self.t5.shared.weight, batch.target[batch.learned]
        if batch.legal is not None:
            table, target = table[batch.legal], torch.searchsorted(batch.legal, target)
        scores = out * self.t5.config.d_model**-0.5 @ table.to(out.dtype).T
        return F.cross_entropy(scores.float(), target)

    def count(self):
        """Parameters of the T5."""
        return sum(weight.numel() for weight in self.t5.parameters())


def optimizer(student, rate):
    """AdamW with a group for each weight, since a step is in proportion to the weight's root mean square."""
    t5 = [{"params": [weight], "scaled": True} for weight in student.t5.parameters()]
    heads = [{"params": [*student.states.parameters(), *student.tags.parameters()], "scaled": False}]
    return torch.optim.AdamW(t5 + heads, lr=rate, betas=(0.9, 0.98), weight_decay=0.0, fused=True)


def set_rate(groups, rate):
    """`rate` is the step in root mean squares of a weight; the heads take a fifth of it as it is."""
    for group in groups:
        scale = group["params"][0].detach().pow(2).mean().sqrt().clamp(min=1e-3).item() if group["scaled"] else 0.2
        group["lr"] = rate * scale


def describe(shape):
    """The shape as one line."""
    return json.dumps(shape)
