//! Lists of `[method]` in which a name stands twice: who wrote it meant another one.

use fishdip_peft::{Addition, UniPeltConfig};

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
