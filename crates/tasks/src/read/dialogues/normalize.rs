//! The texts of dialogues as TRADE prepares them (Wu et al. 2019, `create_data.py`), slips included.

/// What stands for what, as words with spaces around them, one after another (`utils/mapping.pair`).
const REPLACED: &[(&str, &str)] = &[
    ("it's", "it is"),
    ("don't", "do not"),
    ("doesn't", "does not"),
    ("didn't", "did not"),
    ("you'd", "you would"),
    ("you're", "you are"),
    ("you'll", "you will"),
    ("i'm", "i am"),
    ("they're", "they are"),
    ("that's", "that is"),
    ("what's", "what is"),
    ("couldn't", "could not"),
    ("i've", "i have"),
    ("we've", "we have"),
    ("can't", "cannot"),
    ("i'd", "i would"),
    ("i'd", "i would"),
    ("aren't", "are not"),
    ("isn't", "is not"),
    ("wasn't", "was not"),
    ("weren't", "were not"),
    ("won't", "will not"),
    ("there's", "there is"),
    ("there're", "there are"),
    (". .", "."),
    ("restaurants", "restaurant -s"),
    ("hotels", "hotel -s"),
    ("laptops", "laptop -s"),
    ("cheaper", "cheap -er"),
    ("dinners", "dinner -s"),
    ("lunches", "lunch -s"),
    ("breakfasts", "breakfast -s"),
    ("expensively", "expensive -ly"),
    ("moderately", "moderate -ly"),
    ("cheaply", "cheap -ly"),
    ("prices", "price -s"),
    ("places", "place -s"),
    ("venues", "venue -s"),
    ("ranges", "range -s"),
    ("meals", "meal -s"),
    ("locations", "location -s"),
    ("areas", "area -s"),
    ("policies", "policy -s"),
    ("children", "child -s"),
    ("kids", "kid -s"),
    ("kidfriendly", "kid friendly"),
    ("cards", "card -s"),
    ("upmarket", "expensive"),
    ("inpricey", "cheap"),
    ("inches", "inch -s"),
    ("uses", "use -s"),
    ("dimensions", "dimension -s"),
    ("driverange", "drive range"),
    ("includes", "include -s"),
    ("computers", "computer -s"),
    ("machines", "machine -s"),
    ("families", "family -s"),
    ("ratings", "rating -s"),
    ("constraints", "constraint -s"),
    ("pricerange", "price range"),
    ("batteryrating", "battery rating"),
    ("requirements", "requirement -s"),
    ("drives", "drive -s"),
    ("specifications", "specification -s"),
    ("weightrange", "weight range"),
    ("harddrive", "hard drive"),
    ("batterylife", "battery life"),
    ("businesses", "business -s"),
    ("hours", "hour -s"),
    ("one", "1"),
    ("two", "2"),
    ("three", "3"),
    ("four", "4"),
    ("five", "5"),
    ("six", "6"),
    ("seven", "7"),
    ("eight", "8"),
    ("nine", "9"),
    ("ten", "10"),
    ("eleven", "11"),
    ("twelve", "12"),
    ("anywhere", "any where"),
    ("good bye", "goodbye"),
];

/// `text` in small letters, with marks and `'s` as words of their own, contractions and numbers written out.
pub(super) fn normalize(text: &str) -> String {
    let mut text = text.to_lowercase().trim_matches(is_space).to_owned();
    text = text.replace("b&b", "bed and breakfast").replace("b and b", "bed and breakfast");
    text = text.replace(['\u{2018}', '\u{2019}'], "'").replace(';', ",");
    text = text.replace('/', " and ").replace('-', " ");
    text.retain(|c| !matches!(c, '"' | '<' | '>' | '@' | '(' | ')'));
    for mark in ["?", ".", ",", "!", "'s"] {
        text = spaced(mark, &text);
    }
    text = text.strip_prefix('\'').unwrap_or(&text).to_owned();
    text = text.strip_suffix('\'').unwrap_or(&text).to_owned();
    text = without_quotes(&text);
    for (from, to) in REPLACED {
        let replaced = format!(" {text} ").replace(&format!(" {from} "), &format!(" {to} "));
        replaced[1..replaced.len() - 1].clone_into(&mut text);
    }
    with_joined_numbers(&text)
}

fn is_space(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\n' | '\r' | '\u{b}' | '\u{c}')
}

/// A space on both sides of every `mark`, but for one between digits. As the original does, the character before the
/// first is taken to be the last one, and a mark of several characters is parted behind its first.
fn spaced(mark: &str, text: &str) -> String {
    let mark: Vec<char> = mark.chars().collect();
    let mut text: Vec<char> = text.chars().collect();
    let mut at = 0;
    while let Some(found) =
        text.get(at..).and_then(|rest| rest.windows(mark.len()).position(|part| part == mark))
    {
        at += found;
        let before = |text: &[char]| text[at.checked_sub(1).unwrap_or(text.len() - 1)];
        let between = at + 1 < text.len() && before(&text).is_ascii_digit() && text[at + 1].is_ascii_digit();
        if !between {
            if before(&text) != ' ' {
                text.insert(at, ' ');
                at += 1;
            }
            if text.get(at + mark.len()).is_some_and(|&c| c != ' ') {
                text.insert(at + 1, ' ');
            }
        }
        at += 1;
    }
    text.into_iter().collect()
}

/// Without quotes next to white space.
fn without_quotes(text: &str) -> String {
    let drop = |text: &str, first: fn(char) -> bool, second: fn(char) -> bool| {
        let (mut out, mut chars) = (String::with_capacity(text.len()), text.chars().peekable());
        while let Some(c) = chars.next() {
            if first(c) && chars.peek().is_some_and(|&next| second(next)) {
                chars.next();
                out.push(' ');
            } else {
                out.push(c);
            }
        }
        out
    };
    let is_quote = |c| c == '\'';
    drop(&drop(text, is_quote, is_space), is_space, is_quote)
}

/// The words with single spaces, and numbers that follow one another as one number.
fn with_joined_numbers(text: &str) -> String {
    let is_number = |word: &str| word.chars().all(|c| c.is_ascii_digit());
    let mut words: Vec<String> = Vec::new();
    for word in text.split(is_space).filter(|word| !word.is_empty()) {
        match words.last_mut() {
            Some(last) if is_number(word) && is_number(last) => last.push_str(word),
            _ => words.push(word.to_owned()),
        }
    }
    words.join(" ")
}

#[cfg(test)]
mod tests {
    use super::normalize;

    /// What `create_data.py` makes of each.
    #[test]
    fn texts_are_those_of_the_original() {
        for (text, expected) in [
            (
                "I'd like b&b in the city-centre, it's <cheap>; 2 1 people?",
                "i would like bed and breakfast in the city centre , it s cheap , 21 people ?",
            ),
            ("'Hello' (sir) 5.30pm, that's twelve 12.", "hello sir 5.30pm , that s 1212 ."),
            (
                "Yes!What's St. John's college/park price... one two",
                "yes ! what s st . john s college and park price . . 12",
            ),
            (" restaurants , restaurants hotels", "restaurant -s , restaurant -s hotel -s"),
            ("$5 .. ?", "$5 . ?"),
            ("", ""),
        ] {
            assert_eq!(normalize(text), expected);
        }
    }
}
