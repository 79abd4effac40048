//! `PROPERTY name value`.

use super::cursor::Cursor;
use crate::error::Error;
use crate::ir::{NumericProperty, Origin, PixelCenter, Primitive, Property, Stage};

pub(super) fn read(cursor: &mut Cursor<'_>, before: &[Property]) -> Result<Property, Error> {
    cursor.word();
    let at = cursor.position();
    let name = cursor.word();
    let property = match name.to_ascii_uppercase().as_str() {
        "GS_INPUT_PRIMITIVE" => Property::GsInputPrimitive(primitive(cursor)?),
        "GS_OUTPUT_PRIMITIVE" => Property::GsOutputPrimitive(primitive(cursor)?),
        "FS_COORD_ORIGIN" => {
            Property::FsCoordOrigin(cursor.named("coordinate origin", Origin::from_name)?)
        }
        "FS_COORD_PIXEL_CENTER" => {
            Property::FsCoordPixelCenter(cursor.named("pixel center", PixelCenter::from_name)?)
        }
        "NEXT_SHADER" => Property::NextShader(cursor.named("stage", Stage::from_name)?),
        upper => {
            let number = NumericProperty::from_name(upper).ok_or(Error::Unknown {
                at,
                what: "property",
            })?;
            Property::Number(number, cursor.unsigned("the property's value", u32::MAX)?)
        }
    };
    if before.iter().any(|other| other.name() == property.name()) {
        return Err(Error::Twice {
            at,
            what: "a property",
        });
    }
    Ok(property)
}

fn primitive(cursor: &mut Cursor<'_>) -> Result<Primitive, Error> {
    cursor.named("primitive", Primitive::from_name)
}
