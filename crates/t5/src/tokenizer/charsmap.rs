//! The table of character replacements in SentencePiece's files, `precompiled_charsmap`: a little-endian u32, which is the size in bytes of the
//! double array that follows (a trie over UTF-8 in units of u32, as darts-clone writes it), and then the replacements, each ended by a zero byte.
//!
//! `tokenizers` goes wherever a unit points. So that no text leads out of the table, every place that one can lead to is looked at first.

/// Bytes of the longest replacement. Of those of NFKC, that of U+FDFA is the longest: 33.
const LONGEST: usize = 256;

/// What is wrong with the table `map`, if anything is.
pub(super) fn check(map: &[u8]) -> Result<(), String> {
    let (size, rest) = map.split_first_chunk().ok_or("the table of replaced characters has no size")?;
    let size = u32::from_le_bytes(*size) as usize;
    if size == 0 || !size.is_multiple_of(4) || size > rest.len() {
        let follow = rest.len();
        return Err(format!(
            "the table of replaced characters should have {size} bytes, and {follow} follow"
        ));
    }
    let (units, replacements) = rest.split_at(size);
    let units: Vec<u32> = units.as_chunks().0.iter().copied().map(u32::from_le_bytes).collect();
    let replacements =
        std::str::from_utf8(replacements).map_err(|_| "replaced characters become no UTF-8")?;

    let outside = || "the table of replaced characters points out of itself".to_owned();
    // Each unit with the place that the places of its siblings are relative to, sorted by it.
    let bytes = units.iter().enumerate().filter(|(_, unit)| (1..=255).contains(&label(**unit)));
    let mut children: Vec<(usize, usize)> =
        bytes.map(|(place, unit)| (place ^ label(*unit), place)).collect();
    children.sort_unstable();
    let mut seen = vec![false; units.len()];
    let mut open = vec![offset(units[0])];
    while let Some(node) = open.pop() {
        // The library looks for the next byte of a text, which is never zero, before it knows whether there is such a child.
        if node | 0xff >= units.len() {
            return Err(outside());
        }
        let first = children.partition_point(|&(of, _)| of < node);
        for &(_, place) in children[first..].iter().take_while(|&&(of, _)| of == node) {
            if core::mem::replace(&mut seen[place], true) {
                continue;
            }
            let unit = units[place];
            let child = place ^ offset(unit);
            if has_leaf(unit) {
                let start = (units.get(child).ok_or_else(outside)? & 0x7fff_ffff) as usize;
                let replacement = replacements.get(start..).ok_or_else(outside)?;
                if replacement.bytes().take(LONGEST + 1).take_while(|&byte| byte != 0).count() > LONGEST {
                    return Err(format!("a character is replaced by more than {LONGEST} bytes"));
                }
            }
            open.push(child);
        }
    }
    Ok(())
}

fn has_leaf(unit: u32) -> bool {
    unit >> 8 & 1 == 1
}

/// The byte that leads to the unit; of a unit that holds a value, no byte.
fn label(unit: u32) -> usize {
    (unit & (1 << 31 | 0xff)) as usize
}

/// Where the children are, relative to the unit, up to an exclusive or.
fn offset(unit: u32) -> usize {
    ((unit >> 10) << ((unit & 1 << 9) >> 6)) as usize
}

#[cfg(test)]
mod tests {
    use super::check;

    /// A table in which `a` becomes what stands at `value` in `replacements`.
    fn table(value: u32, replacements: &[u8]) -> Vec<u8> {
        let mut units = [0u32; 512];
        units[0] = 256 << 10;
        // The child of byte 0x61, whose value stands in the unit beside it.
        units[256 ^ 0x61] = 1 << 10 | 1 << 8 | 0x61;
        units[256 ^ 0x61 ^ 1] = 1 << 31 | value;
        let mut map = (4 * units.len() as u32).to_le_bytes().to_vec();
        map.extend(units.iter().flat_map(|unit| unit.to_le_bytes()));
        map.extend(replacements);
        map
    }

    #[test]
    fn a_table_that_stays_within_itself_is_good() {
        assert_eq!(check(&table(0, b"b\0")), Ok(()));
        assert_eq!(check(&table(2, "b\0é\0".as_bytes())), Ok(()));
        // An empty replacement, and one that the end of the file ends.
        assert_eq!(check(&table(1, b"b\0")), Ok(()));
        assert_eq!(check(&table(0, b"b")), Ok(()));
    }

    #[test]
    fn what_leads_out_of_it_is_told() {
        let message = |map: &[u8]| check(map).err().unwrap_or_default();
        assert!(message(&[]).contains("no size"));
        assert!(message(&[0; 4]).contains("0 bytes"));
        // A size for which 8 GB would be taken.
        assert!(message(&[0xfc, 0xff, 0xff, 0xff, 0, 0, 0, 0]).contains("4294967292 bytes, and 4 follow"));
        assert!(message(&table(3, b"b\0")).contains("out of itself"));
        // Within a character.
        assert!(message(&table(1, "é\0".as_bytes())).contains("out of itself"));
        assert!(message(&table(0, &[0xff, 0])).contains("no UTF-8"));
        assert!(message(&table(0, &[b'b'; 300])).contains("more than 256 bytes"));
        let mut beyond = table(0, b"b\0");
        beyond[4..8].copy_from_slice(&(512u32 << 10).to_le_bytes());
        assert!(message(&beyond).contains("out of itself"));
    }

    #[test]
    fn a_table_that_leads_in_a_circle_ends() {
        let mut map = table(0, b"b\0");
        // The child's children are the root's.
        let at = 4 + 4 * (256 ^ 0x61);
        let back = (0x61u32 << 10) | 1 << 8 | 0x61;
        map[at..at + 4].copy_from_slice(&back.to_le_bytes());
        // The value is now the unit of the root's children, which is zero.
        assert_eq!(check(&map), Ok(()));
    }
}
