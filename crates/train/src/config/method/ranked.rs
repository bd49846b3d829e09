//! Criteria that cannot rank what a method adds.

use fishdip_peft::{Addition, Criterion, MaskMethod};

use super::MethodConfig;

impl MethodConfig {
    /// Why the criterion says nothing of what is added, if it does not: a product whose second factor begins with zeros changes nothing at first, and
    /// where only the first one is trained, whose gradient is zero then, it never does.
    pub(super) fn unranked(&self) -> Option<String> {
        let addition = self.addition().filter(Addition::begins_with_zeros)?;
        let is_ranked =
            matches!(self.mask(), MaskMethod::FishDip | MaskMethod::Fixed | MaskMethod::AllSamples);
        let of_size = matches!(
            self.criterion,
            Criterion::Magnitude | Criterion::LowRankMagnitude | Criterion::GradientTimesWeight
        );
        (is_ranked && of_size).then(|| {
            format!(
                "`method.criterion` ranks by the size of parameters, and half of those that {:?} adds begin with zeros, so that they would never be trained \
                 and the others change nothing; take another one, such as \"step-aware\"",
                addition.name()
            )
        })
    }
}
