//! Additions that a model has no place for.

use fishdip_peft::{Addition, Linear};

use super::site::linear_name;
use crate::{Error, T5};

impl T5 {
    /// Refuses an addition for which the model has no place, and blocks that it does not have.
    pub(super) fn check(&mut self, addition: &Addition, sites: &[String]) -> Result<(), Error> {
        self.check_sites(addition, sites)?;
        if let Some(message) = addition.names_amiss() {
            return refuse(message);
        }
        self.check_sizes(addition)?;
        let (targets, rank) = match addition {
            Addition::Lora(lora) => (&lora.targets, Some(lora.rank)),
            Addition::Ia3(ia3) => (&ia3.targets, None),
            Addition::UniPelt(unipelt) => (&unipelt.targets, Some(unipelt.rank)),
            Addition::Bottleneck(_) | Addition::Prefix(_) | Addition::Prompt(_) => return Ok(()),
        };
        let mut names: Vec<String> =
            self.linears_mut().into_iter().map(|linear| linear_name(linear).to_owned()).collect();
        names.sort_unstable();
        names.dedup();
        let key = addition.name();
        if let Some(name) = targets.iter().find(|name| !names.contains(name)) {
            let known = names.join("`, `");
            return refuse(format!(
                "`method.{key}.targets` has {name:?}, but the model's linear layers are `{known}`"
            ));
        }
        let is_target = |linear: &&mut Linear| targets.iter().any(|name| name == linear_name(linear));
        let shapes = self.linears_mut().into_iter().filter(is_target).map(|linear| linear.weight.shape());
        match (rank, shapes.flatten().min()) {
            (Some(rank), Some(narrowest)) if rank > narrowest => refuse(format!(
                "a rank of {rank} is more than a layer of {narrowest} features can have; lower `method.{key}.rank`"
            )),
            _ => Ok(()),
        }
    }

    /// Blocks that the model does not have, and additions that stand in no block alone.
    fn check_sites(&self, addition: &Addition, sites: &[String]) -> Result<(), Error> {
        if sites.is_empty() {
            return Ok(());
        }
        if !addition.has_sites() {
            return refuse(format!(
                "what {} adds belongs to no single block, so that it cannot be added to some alone; take `method.sites` and `method.most_fisher` out",
                addition.name()
            ));
        }
        let blocks = self.blocks();
        match sites.iter().find(|site| !blocks.contains(site)) {
            Some(site) => refuse(format!(
                "the model has no block `{site}`; `method.sites` can be `{}`",
                blocks.join("`, `")
            )),
            None => Ok(()),
        }
    }

    /// Sizes that leave nothing, or are more than there is.
    fn check_sizes(&self, addition: &Addition) -> Result<(), Error> {
        let width = self.config.d_model;
        let of_rank = |rank: usize, key: &str| {
            if rank > 0 {
                return Ok(());
            }
            refuse(format!("a rank of 0 adds nothing; set `method.{key}.rank` to 1 or more"))
        };
        let of_reduction = |reduction: usize, key: &str| {
            if reduction <= width {
                return Ok(());
            }
            refuse(format!(
                "a reduction of {reduction} leaves nothing of {width} features; lower `method.{key}.reduction`"
            ))
        };
        match addition {
            Addition::Lora(lora) => of_rank(lora.rank, "lora"),
            Addition::Bottleneck(bottleneck) => of_reduction(bottleneck.reduction, "bottleneck"),
            Addition::Prompt(prompt) if prompt.length > self.config.vocab_size => refuse(format!(
                "the prompt has {} vectors and the vocabulary only {} to begin with; lower `method.prompt.length`",
                prompt.length, self.config.vocab_size
            )),
            Addition::UniPelt(unipelt) => {
                of_rank(unipelt.rank, "unipelt")?;
                of_reduction(unipelt.reduction, "unipelt")
            }
            Addition::Ia3(_) | Addition::Prefix(_) | Addition::Prompt(_) => Ok(()),
        }
    }
}

fn refuse(reason: String) -> Result<(), Error> {
    Err(Error::Addition { reason })
}
