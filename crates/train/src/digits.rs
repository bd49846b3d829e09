//! Numbers with the digits that count.

use serde::Serialize;
use serde_json::ser::{CompactFormatter, Formatter, Serializer};
use std::io::{self, Write};

/// Of scores, ratios and times.
const DIGITS: usize = 6;

/// Writes `value` as one line of JSON. Numbers that are not whole have six digits that count.
pub fn write_json_line(out: &mut dyn Write, value: &impl Serialize) -> io::Result<()> {
    let mut line = Vec::new();
    value.serialize(&mut Serializer::with_formatter(&mut line, Short)).map_err(io::Error::from)?;
    line.push(b'\n');
    out.write_all(&line)
}

struct Short;

impl Formatter for Short {
    fn write_f64<W: ?Sized + Write>(&mut self, writer: &mut W, value: f64) -> io::Result<()> {
        CompactFormatter.write_f64(writer, rounded(value, DIGITS))
    }
}

/// The number nearest to `value` that has so many decimal digits.
pub(crate) fn rounded(value: f64, digits: usize) -> f64 {
    format!("{value:.*e}", digits.saturating_sub(1)).parse().unwrap_or(value)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::float_cmp)]
    use super::*;

    #[test]
    fn digits_that_count() {
        let cases = [
            (0.953_178, 0.9532),
            (0.999_96, 1.0),
            (3.456_789e-7, 3.457e-7),
            (0.0, 0.0),
            (123_456.0, 123_500.0),
        ];
        for (value, expected) in cases {
            assert_eq!(rounded(value, 4), expected);
        }
        assert!(rounded(f64::NAN, 4).is_nan() && rounded(f64::INFINITY, 4).is_infinite());
    }

    #[test]
    fn lines_are_json_with_short_numbers() {
        let mut line = Vec::new();
        let value = serde_json::json!({ "f1": 10.0 / 11.0, "n": 12_345_678, "whole": 1.0, "none": f64::NAN });
        write_json_line(&mut line, &value).unwrap();
        assert_eq!(
            String::from_utf8(line).unwrap(),
            "{\"f1\":0.909091,\"n\":12345678,\"none\":null,\"whole\":1.0}\n"
        );
    }
}
