//! What must hold for any bytes: the fuzz target's body, which a test runs, too.

use std::fmt::Debug;

use wire::{ParseError, Writer};
use wire_virgl::{
    CAPS_V1_SIZE, CAPS_V2_SIZE, CapsV1, CapsV2, Codec, Command, CommandId, CommandStream,
    PICTURE_DESCRIPTION_SIZE, PictureDescription,
};

/// Reads `data` as a command stream, as both capsets and as every description of a picture. What can be read is written and
/// read to the same; the stream's position moves forward; nothing panics.
pub(crate) fn check(data: &[u8]) {
    check_commands(data);
    check_pictures(data);
    check_capset(data, CAPS_V1_SIZE, CapsV1::from_bytes, CapsV1::to_bytes);
    check_capset(data, CAPS_V2_SIZE, CapsV2::from_bytes, CapsV2::to_bytes);
}

fn check_commands(data: &[u8]) {
    let mut commands = CommandStream::new(data);
    let mut behind = 0;
    while let Some(command) = commands.next() {
        match command {
            Ok(command) => {
                assert!(commands.word() > behind, "{command:?} took nothing");
                assert!(commands.word() <= data.len() / 4);
                check_round_trip(&command);
            }
            Err(error) => {
                assert_eq!(error.word, behind, "{error}");
                assert!(commands.next().is_none(), "goes on after {error}");
                return;
            }
        }
        behind = commands.word();
    }
    assert_eq!(behind * 4, data.len(), "ends early without an error");
}

fn check_round_trip(command: &Command<'_>) {
    let mut writer = Writer::new();
    if let Err(error) = command.encode(&mut writer) {
        // The guest may leave out the zero byte behind its text; we write one.
        assert_eq!(command.id(), CommandId::SetDebugFlags, "{error}");
        return;
    }
    let bytes = writer.as_bytes();
    let mut commands = CommandStream::new(bytes);
    let again = commands.next().expect("something was written");
    let again = again.unwrap_or_else(|error| panic!("{command:?}: {error}"));
    assert!(commands.next().is_none(), "{command:?} became two");
    assert_same(command, &again);
    let mut writer = Writer::new();
    again.encode(&mut writer).expect("it was short enough");
    assert_eq!(writer.as_bytes(), bytes, "{command:?}");
}

fn check_capset<T: Debug + PartialEq>(
    data: &[u8],
    size: usize,
    from_bytes: impl Fn(&[u8]) -> Result<T, ParseError>,
    to_bytes: impl Fn(&T) -> Vec<u8>,
) {
    if data.len() != size {
        assert!(from_bytes(data).is_err(), "{} bytes", data.len());
    }
    let Some(Ok(caps)) = data.get(..size).map(&from_bytes) else {
        return;
    };
    let bytes = to_bytes(&caps);
    assert_eq!(bytes.len(), size);
    let again = from_bytes(&bytes).expect("what we wrote");
    assert_same(&caps, &again);
    assert_eq!(to_bytes(&again), bytes);
}

/// Equal, except that a NaN is taken for itself.
fn assert_same<T: Debug + PartialEq>(left: &T, right: &T) {
    if left != right {
        assert_eq!(format!("{left:?}"), format!("{right:?}"));
    }
}

/// Reads `data` as the description of a picture, for every codec.
fn check_pictures(data: &[u8]) {
    for codec in Codec::ALL {
        check_picture(data, |data| PictureDescription::parse_decode(codec, data));
        check_picture(data, |data| PictureDescription::parse_encode(codec, data));
    }
}

fn check_picture(data: &[u8], parse: impl Fn(&[u8]) -> Result<PictureDescription, ParseError>) {
    let Ok(picture) = parse(data) else {
        return;
    };
    let bytes = picture.to_bytes();
    assert!(bytes.len() <= data.len().min(PICTURE_DESCRIPTION_SIZE));
    assert_eq!(parse(&bytes).as_ref(), Ok(&picture));
}
