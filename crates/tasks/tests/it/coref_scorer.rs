//! The cases of the official coreference scorer, where they are at hand.

use std::collections::BTreeMap;
use std::path::Path;

use fishdip_tasks::TokenSpan;
use fishdip_tasks::score::{CorefCounts, CorefMetric};

use crate::support::corpora;

/// Recall, precision and F1 that a case expects of a metric.
type Expected = BTreeMap<String, [f64; 3]>;

/// A Perl expression of numbers, `+ - * /` and parentheses.
fn evaluate(text: &str) -> f64 {
    let tokens: Vec<char> = text.chars().filter(|c| !c.is_whitespace()).collect();
    let (value, rest) = sum(&tokens);
    assert!(rest.is_empty(), "{text}");
    value
}

fn sum(tokens: &[char]) -> (f64, &[char]) {
    let (mut value, mut rest) = product(tokens);
    while let Some((sign @ ('+' | '-'), tail)) = rest.split_first() {
        let (term, after) = product(tail);
        value += if *sign == '+' { term } else { -term };
        rest = after;
    }
    (value, rest)
}

fn product(tokens: &[char]) -> (f64, &[char]) {
    let (mut value, mut rest) = factor(tokens);
    while let Some((sign @ ('*' | '/'), tail)) = rest.split_first() {
        let (term, after) = factor(tail);
        if *sign == '*' {
            value *= term;
        } else {
            value /= term;
        }
        rest = after;
    }
    (value, rest)
}

fn factor(tokens: &[char]) -> (f64, &[char]) {
    if let Some(inner) = tokens.strip_prefix(&['(']) {
        let (value, rest) = sum(inner);
        return (value, rest.strip_prefix(&[')']).unwrap());
    }
    let length = tokens.iter().take_while(|c| c.is_ascii_digit() || **c == '.').count();
    (tokens[..length].iter().collect::<String>().parse().unwrap(), &tokens[length..])
}

/// Every case: its id, key file, response file and expectations.
fn cases(config: &str) -> Vec<(String, String, String, Expected)> {
    let quoted = |line: &str| line.split('"').nth(1).unwrap().to_owned();
    let mut cases: Vec<(String, String, String, Expected)> = Vec::new();
    for line in config.lines() {
        let line = line.trim().trim_start_matches("expected_metrics => {").trim();
        if line.contains("id =>") {
            cases.push((quoted(line), String::new(), String::new(), Expected::new()));
        } else if line.starts_with("key_file") {
            cases.last_mut().unwrap().1 = quoted(line);
        } else if line.starts_with("response_file") {
            cases.last_mut().unwrap().2 = quoted(line);
        } else if let Some((name, values)) = line.split_once("=> [").filter(|_| line.starts_with('"')) {
            let values: Vec<f64> = values.split(']').next().unwrap().split(',').map(evaluate).collect();
            cases.last_mut().unwrap().3.insert(quoted(name), values.try_into().unwrap());
        }
    }
    cases
}

/// The clusters of each document of a column file, by number. The last column has `(1`, `1)` and `(1)`, with
/// or without `|` between them.
fn documents(file: &Path) -> Vec<Vec<Vec<TokenSpan>>> {
    let (mut documents, mut clusters) = (Vec::new(), BTreeMap::<usize, Vec<TokenSpan>>::new());
    let (mut open, mut token) = (Vec::<(usize, usize)>::new(), 0);
    for line in std::fs::read_to_string(file).unwrap().lines() {
        if line.starts_with("#begin") || line.trim().is_empty() {
            continue;
        }
        if line.starts_with("#end") {
            assert!(open.is_empty(), "{}", file.display());
            documents.push(std::mem::take(&mut clusters).into_values().collect());
            token = 0;
            continue;
        }
        let column = line.split_whitespace().last().unwrap().replace('(', " (").replace(')', ") ");
        for mark in column.split([' ', '|']).filter(|mark| !mark.is_empty() && *mark != "-") {
            let id = mark.trim_matches(['(', ')']).parse().unwrap();
            if mark.starts_with('(') {
                open.push((id, token));
            }
            if mark.ends_with(')') {
                let at = open.iter().rposition(|(other, _)| *other == id).unwrap();
                let (id, start) = open.remove(at);
                clusters.entry(id).or_default().push(TokenSpan::new(start, token + 1));
            }
        }
        token += 1;
    }
    documents
}

#[test]
fn the_official_cases_agree_to_four_digits() {
    let Some(data) = corpora() else { return };
    let folder = data.join("coref-scorer/test");
    if !folder.exists() {
        eprintln!("skipped: {} is not there", folder.display());
        return;
    }
    let config = String::from_utf8_lossy(&std::fs::read(folder.join("CorefMetricTestConfig.pm")).unwrap())
        .into_owned();
    let cases = cases(&config);
    let mut checked = 0;
    for (id, key, response, expected) in &cases {
        let (gold, found) = (documents(&folder.join(key)), documents(&folder.join(response)));
        assert_eq!(gold.len(), found.len(), "{id}");
        let mut counts = CorefCounts::default();
        for (gold, found) in gold.iter().zip(&found) {
            counts.add(gold, found);
        }
        let score = counts.score();
        let mut check = |name: &str, CorefMetric { f1, precision, recall }: CorefMetric| {
            if let Some(figures) = expected.get(name) {
                for (is, should) in [recall, precision, f1].into_iter().zip(figures) {
                    assert!((is - should).abs() < 5e-5, "{id} {name}: {is} is not {should}");
                }
                checked += 1;
            }
        };
        check("muc", score.muc);
        check("bcub", score.b3);
        check("ceafe", score.ceafe);
    }
    eprintln!("{} cases, {checked} metrics agree", cases.len());
    assert_eq!((cases.len(), checked), (36, 54));
}
