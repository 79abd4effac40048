//! What must hold for any bytes: the fuzz target's body, which a test runs, too.

use bumpalo::Bump;
use vulkan_types::*;
use wire::ParseError;
use wire_venus::limits::MAX_DECODED_BYTES;
use wire_venus::{Decoder, Encoder, WireReply, decode_command, encode_command, for_each_command};

/// Reads `data` as a command stream and as a reply. What can be read is encoded and read to
/// the same; nothing panics; no more memory is taken than the limit says.
pub(crate) fn check(data: &[u8]) {
    check_commands(data);
    check_reply(data);
}

fn check_commands(data: &[u8]) {
    let mut rest = data;
    let mut arena = Bump::new();
    while !rest.is_empty() {
        arena.reset();
        let Ok((taken, bytes)) = recode_command(rest, &arena) else {
            break;
        };
        // An arena's last chunk may be as large as all before it.
        assert!(arena.allocated_bytes() <= 2 * MAX_DECODED_BYTES);
        // Padding may differ, nothing else.
        assert_eq!(bytes.len(), taken);
        assert_eq!(
            recode_command(&bytes, &Bump::new()),
            Ok((taken, bytes.clone()))
        );
        rest = &rest[taken..];
    }
}

/// How many bytes the first command took, and what it encodes to.
fn recode_command(bytes: &[u8], arena: &Bump) -> Result<(usize, Vec<u8>), ParseError> {
    let mut decoder = Decoder::new(bytes, arena);
    let (command, flags) = decode_command(&mut decoder)?;
    let mut encoder = Encoder::new();
    encode_command(&command, flags, &mut encoder);
    Ok((bytes.len() - decoder.remaining(), encoder.bytes().to_vec()))
}

macro_rules! recode_reply {
    ($($command:ident,)*) => {
        /// How many bytes a reply took, and what it encodes to.
        fn recode_reply(id: u32, bytes: &[u8]) -> Result<(usize, Vec<u8>), ParseError> {
            let arena = Bump::new();
            let mut decoder = Decoder::new(bytes, &arena);
            let mut encoder = Encoder::new();
            match id {
                $($command::ID => {
                    <$command as Request>::Reply::decode_reply(&mut decoder)?.encode_reply(&mut encoder);
                })*
                _ => return Err(ParseError::BadValue { what: "command", value: id.into() }),
            }
            Ok((bytes.len() - decoder.remaining(), encoder.bytes().to_vec()))
        }
    };
}

for_each_command!(recode_reply);

fn check_reply(data: &[u8]) {
    let Some(id) = data.first_chunk().map(|id| u32::from_le_bytes(*id)) else {
        return;
    };
    if let Ok((taken, bytes)) = recode_reply(id, data) {
        assert_eq!(bytes.len(), taken);
        assert_eq!(recode_reply(id, &bytes), Ok((taken, bytes.clone())));
    }
}
