//! Criteria that cannot rank what a method adds.

use fishdip_peft::{Addition, Criterion, MaskMethod, Placement};

use super::MethodConfig;

impl MethodConfig {
    /// Why the criterion says nothing of what is added, if it does not. The second factor of a low-rank product begins with zeros: ranked by size it is
    /// never chosen, and while it is zero the gradient of the first one is. Factors of features begin with ones, of which none is larger.
    pub(super) fn unranked(&self) -> Option<String> {
        if matches!(self.mask(), MaskMethod::Random | MaskMethod::Norms | MaskMethod::Full) {
            return None;
        }
        let addition = self.addition()?;
        let begin = match &addition {
            Addition::Lora(_) | Addition::UniPelt(_) => "zeros",
            Addition::Bottleneck(config) if config.placement == Placement::Parallel => "zeros",
            Addition::Ia3(_) => "ones",
            Addition::Bottleneck(_) | Addition::Prefix(_) | Addition::Prompt(_) => return None,
        };
        let is_of_size = match self.criterion {
            Criterion::Magnitude | Criterion::LowRankMagnitude => true,
            Criterion::GradientTimesWeight => begin == "zeros",
            _ => false,
        };
        is_of_size.then(|| {
            format!(
                "`method.criterion` ranks by the size of parameters, and some of those that {:?} adds begin with {begin}, so that it cannot choose among \
                 them; take another one, such as \"step-aware\"",
                addition.name()
            )
        })
    }
}
