//! Records of a `TFRecord` file.

/// `data` as a record: its length, the checksum of that, the data, the checksum of those.
pub(super) fn record(data: &[u8]) -> Vec<u8> {
    let length = (data.len() as u64).to_le_bytes();
    [&length[..], &masked_crc(&length), data, &masked_crc(data)].concat()
}

/// CRC-32C, masked, so that the checksum of data that hold checksums is a good one too.
fn masked_crc(bytes: &[u8]) -> [u8; 4] {
    crc32c::crc32c(bytes).rotate_right(15).wrapping_add(0xa282_ead8).to_le_bytes()
}

#[cfg(test)]
mod tests {
    use prost::Message as _;

    use super::super::proto::{Event, FILE_VERSION, SessionLog, Summary, Value};
    use super::record;

    /// The vectors of RFC 3720, B.4.
    #[test]
    fn checksums_are_those_of_the_standard() {
        let ascending: Vec<u8> = (0..32).collect();
        for (bytes, crc) in [
            (&[0_u8; 32][..], 0x8a91_36aa_u32),
            (&[0xff; 32], 0x62a8_ab43),
            (&ascending, 0x46dd_794e),
            (b"123456789", 0xe306_9283),
        ] {
            assert_eq!(crc32c::crc32c(bytes), crc);
        }
    }

    /// The bytes are what TensorBoard's own `RecordWriter` makes of the same events.
    #[test]
    fn records_are_those_of_tensorboard() {
        let version = Event { wall_time: 1.5, file_version: Some(FILE_VERSION.into()), ..Event::default() };
        assert_eq!(
            record(&version.encode_to_vec()),
            b"\x18\0\0\0\0\0\0\0\xa3\x7fK\"\x09\0\0\0\0\0\0\xf8?\x1a\x0dbrain.Event:2*(dl"
        );
        let value = |tag: &str, value| Value { tag: tag.into(), simple_value: Some(value) };
        let summary = Some(Summary { value: vec![value("a/b", 0.0), value("c", 0.25)] });
        let scalars = Event { wall_time: 2.0, step: 3, summary, ..Event::default() };
        assert_eq!(
            record(&scalars.encode_to_vec()),
            b"#\0\0\0\0\0\0\0\xb0\x9fwC\x09\0\0\0\0\0\0\0@\x10\x03*\x16\
              \x0a\x0a\x0a\x03a/b\x15\0\0\0\0\x0a\x08\x0a\x01c\x15\0\0\x80>\xba\xa8\x89\x09"
        );
        let start =
            Event { wall_time: 2.0, step: 4, session_log: Some(SessionLog::START), ..Event::default() };
        assert_eq!(
            record(&start.encode_to_vec()),
            b"\x0f\0\0\0\0\0\0\0mS+\x09\x09\0\0\0\0\0\0\0@\x10\x04:\x02\x08\x01v\x01\xb5\xeb"
        );
    }
}
