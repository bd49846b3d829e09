//! The settings of a measurement.

use fishdip_bench::{Failure, Keys, rows};

fn keys(words: &[&str]) -> Result<Keys, Failure> {
    Keys::new(words.iter().map(|&word| word.to_owned()))
}

#[test]
fn what_is_left_out_is_as_usual() -> Result<(), Failure> {
    let keys = keys(&["batch=8", "density=0.01"])?;
    assert_eq!((keys.number("batch", 1)?, keys.number("source", 128)?), (8, 128));
    assert!((keys.number("density", 0.5)? - 0.01f64).abs() < 1e-12);
    Ok(())
}

#[test]
fn what_is_no_setting_is_refused() -> Result<(), Failure> {
    assert!(keys(&["batch"]).is_err());
    assert!(keys(&["batch=many"])?.number("batch", 8).is_err());
    let unknown = keys(&["backend=abacus"])?.device().map(|_| ()).map_err(|error| error.to_string());
    assert!(unknown.is_err_and(|error| error.contains("no backend `abacus`")));
    Ok(())
}

#[test]
fn rows_of_random_pieces_end_and_stay_within_the_vocabulary() {
    let rows = rows(3, 5, 10);
    assert_eq!(rows.iter().map(Vec::len).collect::<Vec<_>>(), [5, 5, 5]);
    assert!(
        rows.iter().all(|row| row.ends_with(&[1]) && row[..4].iter().all(|piece| (2..10).contains(piece)))
    );
}
