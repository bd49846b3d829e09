//! The values of dialogue states as TRADE mends them (Wu et al. 2019, `fix_label.py`), and as the original program calls that.

/// Values that stand for others, whatever the slot.
const TYPOS: &[(&str, &str)] = &[
    ("guesthouse", "guest house"),
    ("guesthouses", "guest house"),
    ("guest", "guest house"),
    ("mutiple sports", "multiple sports"),
    ("sports", "multiple sports"),
    ("mutliple sports", "multiple sports"),
    ("swimmingpool", "swimming pool"),
    ("concerthall", "concert hall"),
    ("concert", "concert hall"),
    ("pool", "swimming pool"),
    ("night club", "nightclub"),
    ("mus", "museum"),
    ("ol", "architecture"),
    ("colleges", "college"),
    ("coll", "college"),
    ("architectural", "architecture"),
    ("musuem", "museum"),
    ("churches", "church"),
    ("center", "centre"),
    ("center of town", "centre"),
    ("near city center", "centre"),
    ("in the north", "north"),
    ("cen", "centre"),
    ("east side", "east"),
    ("east area", "east"),
    ("west part of town", "west"),
    ("ce", "centre"),
    ("town center", "centre"),
    ("centre of cambridge", "centre"),
    ("city center", "centre"),
    ("the south", "south"),
    ("scentre", "centre"),
    ("town centre", "centre"),
    ("in town", "centre"),
    ("north part of town", "north"),
    ("centre of town", "centre"),
    ("cb30aq", "none"),
    ("mode", "moderate"),
    ("moderate -ly", "moderate"),
    ("mo", "moderate"),
    ("next friday", "friday"),
    ("monda", "monday"),
    ("free parking", "free"),
    ("free internet", "yes"),
    ("4 star", "4"),
    ("4 stars", "4"),
    ("0 star rarting", "none"),
    ("y", "yes"),
    ("any", "dontcare"),
    ("n", "no"),
    ("does not care", "dontcare"),
    ("not men", "none"),
    ("not", "none"),
    ("not mentioned", "none"),
    ("", "none"),
    ("not mendtioned", "none"),
    ("3 .", "3"),
    ("does not", "no"),
    ("fun", "none"),
    ("art", "none"),
];

/// The slots that are mended, by their domains. The original looks for slots whose names it has put into words, such as
/// `price range`, among those whose names it has not, and so does not find them.
const SLOTS: &[(&str, &[&str])] = &[
    ("attraction", &["area", "name", "type"]),
    (
        "hotel",
        &["area", "book day", "book people", "book stay", "internet", "name", "parking", "stars", "type"],
    ),
    ("restaurant", &["area", "book day", "book people", "book time", "food", "name"]),
    ("taxi", &["departure", "destination"]),
    ("train", &["book people", "day", "departure", "destination"]),
];

/// The value that stands for `value` of the `slot` of `domain`.
pub(super) fn mended(domain: &str, slot: &str, value: &str) -> String {
    let is_mended = SLOTS.iter().any(|(name, slots)| *name == domain && slots.contains(&slot));
    if !is_mended {
        return value.to_owned();
    }
    let value = TYPOS.iter().find(|(typo, _)| *typo == value).map_or(value, |(_, meant)| meant);
    let is_area = slot == "area";
    let is_day = slot.contains("day");
    #[allow(clippy::match_same_arms, reason = "the first that fits counts, in the order of the original")]
    let meant = match (domain, slot, value) {
        (
            "hotel",
            "type",
            "nigh"
            | "moderate -ly priced"
            | "bed and breakfast"
            | "centre"
            | "venetian"
            | "intern"
            | "a cheap -er hotel",
        )
        | ("hotel", "internet", "4")
        | ("attraction", "type", "gastropub" | "la raza" | "galleria" | "gallery" | "science" | "m") => {
            "none"
        }
        (_, _, "moderate") if is_area => "none",
        (_, _, "t" | "no") if is_day => "none",
        ("hotel", "type", "hotel with free parking and free wifi" | "4" | "3 star hotel") => "hotel",
        (_, _, "no") if is_area => "north",
        (_, _, "we") if is_area => "west",
        (_, _, "cent") if is_area => "centre",
        (_, _, "we") if is_day => "wednesday",
        ("hotel", "internet", "free") => "yes",
        ("restaurant", "area", "stansted airport" | "cambridge" | "silver street")
        | ("attraction", "area", "norwich" | "ely" | "museum" | "same area as hotel") => "none",
        _ => value,
    };
    meant.to_owned()
}

#[cfg(test)]
mod tests {
    use super::mended;

    /// Worked by hand from the original's list.
    #[test]
    fn values_are_those_of_the_list() {
        for (domain, slot, value, expected) in [
            ("hotel", "type", "guesthouse", "guest house"),
            ("hotel", "type", "bed and breakfast", "none"),
            ("hotel", "type", "4", "hotel"),
            ("hotel", "internet", "free", "yes"),
            ("hotel", "book day", "no", "none"),
            ("hotel", "book day", "we", "wednesday"),
            ("restaurant", "area", "we", "west"),
            // First `n` is `no`, and then `no` of an area the north.
            ("restaurant", "area", "n", "north"),
            ("restaurant", "area", "cambridge", "none"),
            ("attraction", "area", "cambridge", "cambridge"),
            ("restaurant", "name", "not mentioned", "none"),
            // Not found under its name in words.
            ("hotel", "pricerange", "mode", "mode"),
            ("hospital", "department", "any", "any"),
        ] {
            assert_eq!(mended(domain, slot, value), expected, "{domain} {slot} {value}");
        }
    }
}
