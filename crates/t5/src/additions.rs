//! Where in T5 the weights stand that methods of fine-tuning add.
//!
//! Places and names are those of AdapterHub's `adapters` and of Python PEFT. One thing is different: in front of a prefix, the library counts the
//! distances to real keys from the start of the prefix, so that they differ from those that the model was trained with; here a prefix is at no
//! distance and real keys stay where they are.

use fishdip_peft::{
    Addition, Bottleneck, BottleneckConfig, Ia3Config, Initial, Linear, Lora, Placement, PrefixConfig,
    PrefixEncoder, Prompt, Scaling, Side,
};

use crate::stack::Stack;
use crate::{Error, T5};

impl T5 {
    /// Adds what a method needs, with values that follow from `seed`, in the place of what was added before. On an error nothing is added.
    pub fn add(&mut self, addition: &Addition, seed: u64) -> Result<(), Error> {
        self.check(addition)?;
        self.remove_additions();
        let weight = &self.shared.weight;
        let initial = Initial { seed, dtype: weight.dense().dtype(), device: weight.device() };
        match addition {
            Addition::Lora(config) => {
                for linear in self.targets(&config.targets) {
                    linear.lora = Some(Lora::new(config, &linear.weight, &initial));
                }
            }
            Addition::Ia3(Ia3Config { targets, feedforward }) => {
                for linear in self.targets(targets) {
                    let is_input = feedforward.iter().any(|name| name == linear_name(linear));
                    let side = if is_input { Side::Input } else { Side::Output };
                    linear.scaling = Some(Scaling::new(&linear.weight, side, &initial));
                }
            }
            Addition::Bottleneck(config) => self.add_bottlenecks(config, &initial),
            Addition::Prefix(config) => self.add_prefixes(config, &initial),
            Addition::Prompt(config) => {
                self.prompt = Some(Prompt::new(config, "encoder.prompt_embeddings", &self.shared.weight));
            }
        }
        self.addition = Some(addition.clone());
        Ok(())
    }

    /// What was added, if anything.
    pub fn addition(&self) -> Option<&Addition> {
        self.addition.as_ref()
    }

    /// Takes away what was added: the weights of the model itself are as they were.
    pub fn remove_additions(&mut self) {
        self.linears_mut().into_iter().for_each(Linear::remove_additions);
        for stack in [&mut self.encoder, &mut self.decoder] {
            (stack.prefix, stack.cross_prefix) = (None, None);
            for block in &mut stack.blocks {
                (block.attention_bottleneck, block.feed_forward_bottleneck) = (None, None);
            }
        }
        (self.prompt, self.addition) = (None, None);
    }

    /// Makes what was added a part of the model's own weights, and freezes them. Refuses what cannot be: a model without additions could not do the
    /// same.
    pub fn merge_additions(&mut self) -> Result<(), Error> {
        match &self.addition {
            None => return Ok(()),
            Some(Addition::Lora(_) | Addition::Ia3(_)) => {}
            Some(other) => {
                let reason = format!(
                    "what {} added is no part of the model's weights, so that it cannot be merged into them",
                    other.name()
                );
                return Err(Error::Addition { reason });
            }
        }
        for linear in self.linears_mut() {
            let merged = (linear.lora.is_some() || linear.scaling.is_some()).then(|| linear.merged());
            if let Some(merged) = merged {
                linear.weight.set_dense(merged);
            }
        }
        self.remove_additions();
        Ok(())
    }

    /// Refuses an addition for which the model has no place.
    fn check(&mut self, addition: &Addition) -> Result<(), Error> {
        let refuse = |reason| Err(Error::Addition { reason });
        let config = &self.config;
        let width = config.d_model;
        let (targets, rank) = match addition {
            Addition::Lora(lora) if lora.rank == 0 => {
                return refuse("a rank of 0 adds nothing; set `method.lora.rank` to 1 or more".to_owned());
            }
            Addition::Lora(lora) => (&lora.targets, Some(lora.rank)),
            Addition::Ia3(ia3) => {
                let others = ia3.feedforward.iter().find(|name| !ia3.targets.contains(name));
                if let Some(name) = others {
                    return refuse(format!(
                        "`{name}` is in `method.ia3.feedforward` and not in `method.ia3.targets`"
                    ));
                }
                (&ia3.targets, None)
            }
            Addition::Bottleneck(bottleneck) if bottleneck.reduction > width => {
                return refuse(format!(
                    "a reduction of {} leaves nothing of {width} features; lower `method.bottleneck.reduction`",
                    bottleneck.reduction
                ));
            }
            Addition::Prompt(prompt) if prompt.length > config.vocab_size => {
                return refuse(format!(
                    "the prompt has {} vectors and the vocabulary only {} to begin with; lower `method.prompt.length`",
                    prompt.length, config.vocab_size
                ));
            }
            Addition::Bottleneck(_) | Addition::Prefix(_) | Addition::Prompt(_) => return Ok(()),
        };
        let mut names: Vec<String> =
            self.linears_mut().into_iter().map(|linear| linear_name(linear).to_owned()).collect();
        names.sort_unstable();
        names.dedup();
        if let Some(name) = targets.iter().find(|name| !names.contains(name)) {
            let known = names.join("`, `");
            return refuse(format!(
                "the model has no linear layer `{name}`; the targets of {} can be `{known}`",
                addition.name()
            ));
        }
        if targets.is_empty() {
            let key = addition.name();
            return refuse(format!("`method.{key}.targets` is empty, so that nothing would be added"));
        }
        let narrowest = self.targets(targets).into_iter().flat_map(|linear| linear.weight.shape()).min();
        match (rank, narrowest) {
            (Some(rank), Some(narrowest)) if rank > narrowest => refuse(format!(
                "a rank of {rank} is more than a layer of {narrowest} features can have; lower `method.lora.rank`"
            )),
            _ => Ok(()),
        }
    }

    fn add_bottlenecks(&mut self, config: &BottleneckConfig, initial: &Initial) {
        let width = self.config.d_model;
        for (name, stack) in [("encoder", &mut self.encoder), ("decoder", &mut self.decoder)] {
            for (index, block) in stack.blocks.iter_mut().enumerate() {
                let new = |layer: usize| {
                    let path = format!("{name}.block.{index}.layer.{layer}.bottleneck");
                    Some(Bottleneck::new(config, &path, width, initial))
                };
                if config.placement == Placement::Houlsby {
                    block.attention_bottleneck = new(0);
                }
                block.feed_forward_bottleneck = new(if block.cross.is_some() { 2 } else { 1 });
            }
        }
    }

    fn add_prefixes(&mut self, config: &PrefixConfig, initial: &Initial) {
        let (width, heads, d_kv) = (self.config.d_model, self.config.num_heads, self.config.d_kv);
        let new = |path: &str, stack: &Stack| {
            let shape = [stack.blocks.len(), heads, d_kv];
            Some(PrefixEncoder::new(config, path, width, shape, initial))
        };
        self.encoder.prefix = new("encoder.prefix", &self.encoder);
        self.decoder.prefix = new("decoder.prefix", &self.decoder);
        self.decoder.cross_prefix = new("decoder.cross_prefix", &self.decoder);
    }

    /// The linear layers of all blocks with one of these names.
    fn targets(&mut self, names: &[String]) -> Vec<&mut Linear> {
        let mut linears = self.linears_mut();
        linears.retain(|linear| names.iter().any(|name| name == linear_name(linear)));
        linears
    }

    /// The linear layers of all blocks.
    fn linears_mut(&mut self) -> Vec<&mut Linear> {
        let blocks = self.encoder.blocks.iter_mut().chain(&mut self.decoder.blocks);
        let linears = blocks.flat_map(|block| {
            let cross = block.cross.as_mut().map(|cross| cross.attention.linears_mut());
            let own = block.self_attention.linears_mut().into_iter();
            own.chain(cross.into_iter().flatten()).chain(block.feed_forward.linears_mut())
        });
        linears.collect()
    }
}

/// The last part of a layer's name: `q` of `encoder.block.0.layer.0.SelfAttention.q.weight`.
fn linear_name(linear: &Linear) -> &str {
    let path = linear.weight.path();
    let layer = path.strip_suffix(".weight").unwrap_or(path);
    layer.rsplit('.').next().unwrap_or(layer)
}
