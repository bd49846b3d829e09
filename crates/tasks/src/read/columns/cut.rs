//! Where a line is cut into columns.

use std::collections::BTreeMap;

use crate::text::is_space;

/// What stands between columns.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::read) enum Cut {
    /// Any number of spaces or tabs.
    #[default]
    Spaces,
    /// A tab: what stands between two is a column, and may be empty or hold spaces.
    Tabs,
    /// Any number of tabs.
    TabRuns,
}

impl Cut {
    /// How these lines are cut: at tabs if most of those that have several columns have a tab; at runs of
    /// tabs if this alone gives every line as many columns as the others.
    pub(in crate::read) fn of(lines: &[&str]) -> Self {
        let (mut tabs, mut spaces) = (0_usize, 0_usize);
        for line in lines {
            // A tab at the end of a line separates nothing.
            let line = line.trim_matches(is_space);
            if line.contains('\t') {
                tabs += 1;
            } else if line.contains(' ') {
                spaces += 1;
            }
        }
        if tabs == 0 || tabs < spaces {
            return Self::Spaces;
        }
        let is_even = |cut: Self| cut.widths(lines.iter().copied()).len() == 1;
        if !is_even(Self::Tabs) && is_even(Self::TabRuns) { Self::TabRuns } else { Self::Tabs }
    }

    /// The columns of a line, without white space around them. The last one is not empty, unless it is the
    /// only one.
    pub(in crate::read) fn fields(self, line: &str) -> Vec<&str> {
        let line = line.trim_end_matches(is_space);
        let trimmed = |field: &'static [char]| line.split(field).map(|field| field.trim_matches(is_space));
        match self {
            Self::Tabs => trimmed(&['\t']).collect(),
            Self::TabRuns => without_empty(trimmed(&['\t'])),
            Self::Spaces => without_empty(trimmed(&[' ', '\t'])),
        }
    }

    /// How many lines have how many columns.
    pub(in crate::read) fn widths<'a>(self, lines: impl Iterator<Item = &'a str>) -> BTreeMap<usize, usize> {
        let mut widths = BTreeMap::new();
        for line in lines {
            *widths.entry(self.fields(line).len()).or_default() += 1;
        }
        widths
    }

    /// How many columns most lines have; of two numbers that are as frequent, the greater.
    pub(in crate::read) fn width<'a>(self, lines: impl Iterator<Item = &'a str>) -> usize {
        let widths = self.widths(lines);
        widths.into_iter().max_by_key(|&(width, count)| (count, width)).map_or(0, |(width, _)| width)
    }
}

/// An empty first column stays: there is no token in it.
fn without_empty<'a>(fields: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    fields.enumerate().filter(|(i, field)| *i == 0 || !field.is_empty()).map(|(_, field)| field).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cut(text: &str) -> (Cut, Vec<Vec<&str>>) {
        let cut = Cut::of(&text.lines().collect::<Vec<_>>());
        (cut, text.lines().map(|line| cut.fields(line)).collect())
    }

    #[test]
    fn a_file_with_tabs_is_cut_at_tabs() {
        assert_eq!(
            cut("New York\tB-LOC \nBonn\tB-LOC"),
            (Cut::Tabs, vec![vec!["New York", "B-LOC"], vec!["Bonn", "B-LOC"]])
        );
        assert_eq!(cut("a\t\tO\nb\t_\tO").1[0], ["a", "", "O"]);
        assert_eq!(cut("a\t\t\tO\nbcd\t\tO"), (Cut::TabRuns, vec![vec!["a", "O"], vec!["bcd", "O"]]));
    }

    #[test]
    fn others_are_cut_at_white_space() {
        assert_eq!(cut("a   NN  O\t\nb NN O").1, [vec!["a", "NN", "O"], vec!["b", "NN", "O"]]);
        assert_eq!(cut(" O").1, [vec!["", "O"]]);
        assert_eq!(cut("1\u{a0}1/4 O").1, [vec!["1\u{a0}1/4", "O"]]);
    }
}
