//! Lists of `[method]` that cannot be meant: a name stands twice, or the layers of one are not those of another.

use fishdip_peft::{Addition, Ia3Config, UniPeltConfig};

use super::MethodConfig;

impl MethodConfig {
    /// What is wrong with the first list that has a name twice.
    pub(super) fn repeated(&self) -> Option<String> {
        let mut lists = vec![("sites", self.sites.clone())];
        match self.addition() {
            Some(Addition::Lora(lora)) => lists.push(("lora.targets", lora.targets)),
            Some(Addition::Ia3(ia3)) => {
                lists.extend([("ia3.targets", ia3.targets), ("ia3.feedforward", ia3.feedforward)]);
            }
            Some(Addition::UniPelt(UniPeltConfig { targets, .. })) => {
                lists.push(("unipelt.targets", targets));
            }
            Some(Addition::Bottleneck(_) | Addition::Prefix(_) | Addition::Prompt(_)) | None => {}
        }
        lists.into_iter().find_map(|(key, names)| {
            let again = (1..names.len()).find(|&at| names[..at].contains(&names[at]))?;
            let name = fishdip_tasks::shortened(&names[again]);
            Some(format!("`method.{key}` has `{name}` twice; take one out"))
        })
    }
}

/// What is wrong with the names of layers in `addition`, as far as no model is needed to tell.
pub(super) fn names_amiss(addition: &Addition) -> Option<String> {
    addition.names_amiss().or_else(|| {
        let Addition::Ia3(Ia3Config { targets, feedforward }) = addition else { return None };
        // The file would say something else to Python PEFT, which goes by how names end.
        let ends_alike = |target: &&String| {
            !feedforward.contains(target) && feedforward.iter().any(|name| target.ends_with(name.as_str()))
        };
        let target = targets.iter().find(ends_alike)?;
        Some(format!(
            "`method.ia3.targets` has {target:?}, which ends as a name in `method.ia3.feedforward` does, by which Python PEFT goes; add it there too, or \
             take one out"
        ))
    })
}
