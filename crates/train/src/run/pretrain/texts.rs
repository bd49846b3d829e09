//! The texts that a pretraining learns from, as blocks of pieces.

use std::collections::BTreeSet;
use std::sync::Arc;

use fishdip_t5::Tokenizer;
use fishdip_tasks::read::{Format, ReadOptions};
use fishdip_tasks::{Example, Task};

use crate::base::Base;
use crate::checkpoint::Identity;
use crate::config::{DecodeName, PretrainConfig};
use crate::continued::Continued;
use crate::data::{
    CorruptedTexts, Corruption, RunData, SampleText, SpanCorruption, TrainingExamples, read_split,
};
use crate::event::{Event, Sink};
use crate::insight::Subjects;
use crate::predict::InputFormat;
use crate::prepare::{Prepared, adapt, hash_of_data, loaded};
use crate::schedule::{Purpose, permutation, seed};
use crate::settle::settle;
use crate::texts::{Text, TextFile, key};
use crate::warnings::Warnings;
use crate::{
    DataConfig, Error, EvaluationConfig, RunConfig, Runtime, Tagger, TaskConfig, TokenizedExample, sites,
};

/// A pretraining whose texts and model were found good.
pub(super) struct Ready {
    pub(super) prepared: Prepared,
    /// What is held out, always with the same spans hidden.
    pub(super) held_out: Vec<TokenizedExample>,
}

/// A text and its blocks of pieces, each with the end mark.
struct Cut {
    at: String,
    blocks: Vec<Vec<u32>>,
}

/// Reads and checks everything that `config` names; `sink` is told how far it has come.
pub(super) fn prepare(config: &RunConfig, runtime: &Runtime, sink: &mut dyn Sink) -> Result<Ready, Error> {
    config.check()?;
    config.method.check_length(config.data.source_limit())?;
    let of = config.pretrain.clone().unwrap_or_default();
    let mut warnings = Warnings::default();
    // What stands before the sources of a task is no part of its texts.
    let plain = TaskConfig { prefix: String::new(), ..config.task.clone() };
    let task = plain.build([])?;
    let texts = read(&of, config, &task, sink)?;
    loaded(sink, 1);
    let continued = Continued::load(config)?;
    let Base { mut model, tokenizer, hashes, .. } =
        Base::of(config, runtime, continued.as_ref().map(Continued::config))?;
    loaded(sink, 2);
    let spans = SpanCorruption { rate: of.rate, mean_span: of.mean_span };
    let sentinels = sentinels(&tokenizer, spans, config)?;
    let run_seed = config.training.seed;
    let cut = cut(&texts, &task, &tokenizer, config, spans.least(), &mut warnings)?;
    let (kept, learned) = hold_out(cut, of.held_out, run_seed)?;
    let train_examples = learned.len();
    let (mut examples, mut samples) = (Vec::new(), Vec::new());
    for Cut { at, blocks } in learned {
        for block in blocks {
            samples.push(SampleText {
                at: at.clone(),
                source: tokenizer.decode(&block).0,
                target: String::new(),
            });
            examples.push(example(block));
        }
    }
    let held_out: Vec<TokenizedExample> =
        kept.into_iter().flat_map(|text| text.blocks).map(example).collect();
    let corruption = Corruption {
        spans,
        sentinels,
        end: tokenizer.end(),
        seed: run_seed,
        purpose: Purpose::SpanCorruption,
    };
    let mut config = config.clone();
    if let Some(count) = config.method.most_fisher.filter(|_| config.method.sites.is_empty()) {
        let known = continued.as_ref().map(Continued::sites).filter(|sites| !sites.is_empty());
        let shown = CorruptedTexts { texts: &examples, corruption: &corruption };
        config.method.sites = match known {
            Some(sites) => sites.to_vec(),
            None => sites::most_fisher(&mut model, &shown, (&config, runtime), count, sink)?,
        };
    }
    let touched = adapt(&mut model, &config, continued.as_ref())?;
    settle(&mut config, &examples, &model, sink)?;
    let fixed = Corruption { purpose: Purpose::HeldOutCorruption, ..corruption.clone() };
    let shown = CorruptedTexts { texts: &held_out, corruption: &fixed };
    let hidden = |index| Ok(shown.example(index, 0)?.into_owned());
    let held_out = (0..held_out.len()).map(hidden).collect::<Result<Vec<_>, Error>>()?;
    let identity = Identity {
        config: blake3::hash(config.to_toml()?.as_bytes()).to_hex().to_string(),
        base: hashes,
        adapter: continued.as_ref().map(Continued::hash),
        // Both parts, each of which decides what the run tells.
        data: hash_of_data(&[examples.as_slice(), held_out.as_slice()].concat(), &[])?,
    };
    // It is not asked for anything, and there may be no label that an output could have.
    let evaluation = EvaluationConfig { decode: DecodeName::Free, ..config.evaluation.clone() };
    let task = config.task.build([])?;
    let tagger = Tagger::new(model, Arc::new(tokenizer), task, &runtime.device, &config.data, &evaluation)?;
    loaded(sink, 3);
    let prepared = Prepared {
        config,
        tagger,
        train_examples,
        examples,
        swapped: None,
        corruption: Some(corruption),
        eval: Vec::new(),
        held_out: None,
        touched,
        texts: samples,
        subjects: Subjects::default(),
        identity,
        warnings,
    };
    Ok(Ready { prepared, held_out })
}

fn example(source: Vec<u32>) -> TokenizedExample {
    TokenizedExample { source, target: Vec::new(), labels: Vec::new(), legal: None }
}

/// The texts, without those that repeat another one or that models are scored on, which is told.
fn read(
    of: &PretrainConfig,
    config: &RunConfig,
    task: &Task,
    sink: &mut dyn Sink,
) -> Result<Vec<Text>, Error> {
    let path = of.text.clone().unwrap_or_default();
    let mut read = ReadOptions::default();
    read.text_key.clone_from(&of.text_key);
    if let Some(format) = of.format.filter(|format| *format != Format::Auto) {
        read.check_for(format)?;
    }
    let format = of.format.map_or(InputFormat::Text, InputFormat::Data);
    let file = TextFile { path: path.clone(), format, read };
    let all = file.read(task, sink)?;
    let path = path.display();
    if all.is_empty() {
        return Err(Error::Data(format!("{path} holds no text")));
    }
    let scored = scored(config)?;
    let scored = scored.iter().map(|example| key(task, example)).collect::<Result<BTreeSet<_>, _>>()?;
    let (count, mut seen) = (all.len(), BTreeSet::new());
    let (scored, rest): (Vec<_>, Vec<_>) = all.into_iter().partition(|text| scored.contains(&text.key));
    let left: Vec<Text> = rest.into_iter().filter(|text| seen.insert(text.key.clone())).collect();
    let repeated = count - scored.len() - left.len();
    for (count, why) in
        [(scored.len(), "are texts that models are scored on"), (repeated, "repeat another one")]
    {
        if count > 0 {
            let message = format!("{count} of the texts of {path} {why}, and are left out");
            sink.event(&Event::Note { message });
        }
    }
    if left.is_empty() {
        return Err(Error::Data(format!(
            "{path} holds no text beside those that models are scored on; name other texts"
        )));
    }
    Ok(left)
}

/// What trainings with the config are scored on.
fn scored(config: &RunConfig) -> Result<Vec<Example>, Error> {
    let data = &config.data;
    if let Some(eval) = &data.eval {
        return Ok(read_split(&data.dir.join(eval), data, config.task.name)?.examples);
    }
    let all = DataConfig { eval_examples: 0, ..data.clone() };
    Ok(RunData::read(&all, &config.task, config.training.seed)?.eval)
}

/// As many sentinels as the longest block needs.
fn sentinels(tokenizer: &Tokenizer, spans: SpanCorruption, config: &RunConfig) -> Result<Vec<u32>, Error> {
    let sentinels = tokenizer.sentinels();
    let model = config.model.path.display();
    if sentinels.is_empty() {
        return Err(Error::Data(format!(
            "the tokenizer of {model} has no piece <extra_id_0>, by which span corruption marks what is hidden; pretrain a model of the T5 family \
             that has one"
        )));
    }
    let (limit, needed) = (config.data.source_limit(), spans.counts(config.data.source_limit()).1 + 1);
    if needed > sentinels.len() {
        return Err(Error::Data(format!(
            "blocks of data.max_source_pieces = {limit} have {} spans, for which the {} sentinels of {model} are too few; lower it, or raise \
             pretrain.mean_span",
            needed - 1,
            sentinels.len()
        )));
    }
    Ok(sentinels)
}

/// Cuts each text into blocks of `data.max_source_pieces` with the end mark. What is shorter than `least` pieces without it is left out.
fn cut(
    texts: &[Text],
    task: &Task,
    tokenizer: &Tokenizer,
    config: &RunConfig,
    least: usize,
    warnings: &mut Warnings,
) -> Result<Vec<Cut>, Error> {
    let room = config.data.source_limit().saturating_sub(1);
    if room < least {
        return Err(Error::Data(format!(
            "data.max_source_pieces is {}, which leaves no room for a span and a piece beside it; raise it, or lower pretrain.mean_span",
            config.data.source_limit()
        )));
    }
    let mut cut = Vec::new();
    for text in texts {
        let mut pieces = tokenizer.encode(&task.source(&text.example)?)?;
        let end = pieces.pop();
        let blocks = pieces.chunks(room).filter(|block| block.len() >= least);
        let blocks: Vec<Vec<u32>> = blocks.map(|block| block.iter().copied().chain(end).collect()).collect();
        let at = text.example.place();
        if blocks.is_empty() {
            warnings.add(
                ["is shorter than a span and is not learned", "are shorter than a span and are not learned"],
                at,
            );
        } else {
            cut.push(Cut { at, blocks });
        }
    }
    if cut.is_empty() {
        return Err(Error::Data(format!(
            "each of the {} texts has fewer than {least} pieces, a span and one beside it; name longer texts, or lower pretrain.mean_span",
            texts.len()
        )));
    }
    Ok(cut)
}

/// The share of the texts that is held out, drawn with the seed, and the others.
fn hold_out(texts: Vec<Cut>, share: f64, run_seed: u64) -> Result<(Vec<Cut>, Vec<Cut>), Error> {
    if share <= 0.0 {
        return Ok((Vec::new(), texts));
    }
    let count = texts.len();
    if count < 2 {
        let message = "there is one text that can be learned, so that none can be held out; name more, or set pretrain.held_out to 0";
        return Err(Error::Data(message.to_owned()));
    }
    let kept = ((count as f64 * share).round() as usize).clamp(1, count - 1);
    let mut is_kept = vec![false; count];
    permutation(count, seed(run_seed, Purpose::HeldOut, 0))
        .into_iter()
        .take(kept)
        .for_each(|at| is_kept[at] = true);
    let mut is_kept = is_kept.into_iter();
    Ok(texts.into_iter().partition(|_| is_kept.next().unwrap_or(false)))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn texts(count: u32) -> Vec<Cut> {
        (0..count).map(|at| Cut { at: at.to_string(), blocks: vec![vec![at, 1]] }).collect()
    }

    #[test]
    fn a_share_is_held_out_and_something_is_left() {
        let sizes = |count, share| {
            let (kept, left) = hold_out(texts(count), share, 1).unwrap();
            let mut all: Vec<u32> = kept.iter().chain(&left).map(|text| text.at.parse().unwrap()).collect();
            all.sort_unstable();
            assert_eq!(all, (0..count).collect::<Vec<_>>());
            (kept.len(), left.len())
        };
        assert_eq!(sizes(20, 0.1), (2, 18));
        assert_eq!(sizes(2, 0.9), (1, 1));
        assert_eq!(sizes(3, 0.01), (1, 2));
        assert_eq!(sizes(5, 0.0), (0, 5));
        assert!(hold_out(texts(1), 0.1, 1).is_err());
    }
}
