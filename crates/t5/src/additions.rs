//! Where in T5 the weights stand that methods of fine-tuning add.
//!
//! Places and names are those of AdapterHub's `adapters` and of Python PEFT. One thing is different: in front of a prefix, the library counts the
//! distances to real keys from the start of the prefix, so that they differ from those that the model was trained with; here a prefix is at no
//! distance and real keys stay where they are. Gates of `UniPELT` are another: the library takes the mean of a gate over all positions of a sequence,
//! later ones and padding included; here every position has its own, so that a decoder's output does not depend on what is written after it.

mod check;
mod site;

use fishdip_peft::{
    Addition, Bottleneck, BottleneckConfig, Gate, Ia3Config, Initial, Linear, Lora, LoraConfig, Placement,
    PrefixConfig, PrefixEncoder, Prompt, Scaling, Side,
};

use self::site::{block_name, is_in, linear_name};
use crate::stack::Stack;
use crate::{Error, T5};

impl T5 {
    /// Adds what a method needs, with values that follow from `seed`, in the place of what was added before. On an error nothing is added.
    pub fn add(&mut self, addition: &Addition, seed: u64) -> Result<(), Error> {
        self.add_at(addition, &[], seed)
    }

    /// The same in the blocks `sites` alone, each one of [`T5::blocks`]; in all if there are none.
    pub fn add_at(&mut self, addition: &Addition, sites: &[String], seed: u64) -> Result<(), Error> {
        self.check(addition, sites)?;
        self.remove_additions();
        self.sites = sites.to_vec();
        let weight = &self.shared.weight;
        let initial = Initial { seed, dtype: weight.dense().dtype(), device: weight.device() };
        match addition {
            Addition::Lora(config) => self.add_products(config, false, &initial),
            Addition::Ia3(Ia3Config { targets, feedforward }) => {
                for linear in self.targets(targets) {
                    let is_input = feedforward.iter().any(|name| name == linear_name(linear));
                    let side = if is_input { Side::Input } else { Side::Output };
                    linear.scaling = Some(Scaling::new(&linear.weight, side, &initial));
                }
            }
            Addition::Bottleneck(config) => self.add_bottlenecks(config, false, &initial),
            Addition::Prefix(config) => self.add_prefixes(config, &initial),
            Addition::Prompt(config) => {
                self.prompt = Some(Prompt::new(config, "encoder.prompt_embeddings", &self.shared.weight));
            }
            Addition::UniPelt(config) => {
                self.add_products(&config.lora(), true, &initial);
                self.add_bottlenecks(&config.bottleneck(), true, &initial);
                self.add_prefixes(&config.prefix(), &initial);
                self.add_prefix_gates(&initial);
            }
        }
        self.addition = Some(addition.clone());
        Ok(())
    }

    /// What was added, if anything.
    pub fn addition(&self) -> Option<&Addition> {
        self.addition.as_ref()
    }

    /// The blocks that it was added to; none if these are all.
    pub fn sites(&self) -> &[String] {
        &self.sites
    }

    /// The names of all blocks, as they stand before those of their weights: `encoder.block.0` and so on.
    pub fn blocks(&self) -> Vec<String> {
        let of = |name: &str, stack: &Stack| {
            (0..stack.blocks.len()).map(|index| block_name(name, index)).collect::<Vec<_>>()
        };
        [of("encoder", &self.encoder), of("decoder", &self.decoder)].concat()
    }

    /// Takes away what was added: the weights of the model itself are as they were.
    pub fn remove_additions(&mut self) {
        self.linears_mut().into_iter().for_each(Linear::remove_additions);
        for stack in [&mut self.encoder, &mut self.decoder] {
            (stack.prefix, stack.cross_prefix) = (None, None);
            for block in &mut stack.blocks {
                (block.attention_bottleneck, block.feed_forward_bottleneck) = (None, None);
                block.attentions_mut().for_each(|attention| attention.prefix_gate = None);
            }
        }
        (self.prompt, self.addition, self.sites) = (None, None, Vec::new());
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

    fn add_products(&mut self, config: &LoraConfig, gated: bool, initial: &Initial) {
        for linear in self.targets(&config.targets) {
            let product = Lora::new(config, &linear.weight, initial);
            linear.lora = Some(if gated { product.gated(&linear.weight, initial) } else { product });
        }
    }

    fn add_bottlenecks(&mut self, config: &BottleneckConfig, gated: bool, initial: &Initial) {
        let width = self.config.d_model;
        let sites = &self.sites;
        for (name, stack) in [("encoder", &mut self.encoder), ("decoder", &mut self.decoder)] {
            for (index, block) in stack.blocks.iter_mut().enumerate() {
                let block_name = block_name(name, index);
                if !sites.is_empty() && !sites.contains(&block_name) {
                    continue;
                }
                let new = |layer: usize| {
                    let path = format!("{block_name}.layer.{layer}.bottleneck");
                    let bottleneck = Bottleneck::new(config, &path, width, initial);
                    Some(if gated { bottleneck.gated(&path, width, initial) } else { bottleneck })
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

    /// A gate in every attention, of what its queries are made of.
    fn add_prefix_gates(&mut self, initial: &Initial) {
        let width = self.config.d_model;
        for block in self.encoder.blocks.iter_mut().chain(&mut self.decoder.blocks) {
            for attention in block.attentions_mut() {
                let queries = attention.q.weight.path();
                let path = queries.strip_suffix("q.weight").unwrap_or(queries);
                attention.prefix_gate = Some(Gate::new(&format!("{path}prefix_gate"), width, initial));
            }
        }
    }

    /// The linear layers with one of these names, in the blocks that something is added to.
    fn targets(&mut self, names: &[String]) -> Vec<&mut Linear> {
        let sites = self.sites.clone();
        let mut linears = self.linears_mut();
        linears.retain(|linear| {
            let path = linear.weight.path();
            let is_site = sites.is_empty() || sites.iter().any(|block| is_in(path, block));
            is_site && names.iter().any(|name| name == linear_name(linear))
        });
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
