//! What may be said of the whole shader.

use super::holds;
use super::rule::Rule;
use crate::ir::{NumericProperty, Primitive, Property, Shader, Stage};

/// The property is for this stage, and its value is one that it can have.
pub(super) fn check(stage: Stage, property: Property) -> Result<(), Rule> {
    let owner = owner(property);
    holds(
        owner.is_none_or(|owner| owner == stage),
        Rule::PropertyOfAnotherStage,
    )?;
    holds(has_value(property), Rule::PropertyValue)
}

/// The stage that the property's name begins with.
fn owner(property: Property) -> Option<Stage> {
    let (prefix, _) = property.name().split_once('_')?;
    match prefix {
        "VS" => Some(Stage::Vertex),
        "TCS" => Some(Stage::TessControl),
        "TES" => Some(Stage::TessEvaluation),
        "GS" => Some(Stage::Geometry),
        "FS" => Some(Stage::Fragment),
        "CS" => Some(Stage::Compute),
        _ => None,
    }
}

fn has_value(property: Property) -> bool {
    use NumericProperty as N;
    use Primitive as P;
    match property {
        Property::GsInputPrimitive(primitive) => matches!(
            primitive,
            P::Points | P::Lines | P::LinesAdjacency | P::Triangles | P::TrianglesAdjacency
        ),
        Property::GsOutputPrimitive(primitive) => {
            matches!(primitive, P::Points | P::LineStrip | P::TriangleStrip)
        }
        Property::Number(N::GsInvocations | N::TcsVerticesOut, number) => {
            (1..=32).contains(&number)
        }
        Property::Number(N::NumClipdistEnabled | N::NumCulldistEnabled, number) => number <= 8,
        _ => true,
    }
}

/// The properties are there without which the stage means nothing.
pub(super) fn check_presence(shader: &Shader) -> Result<(), Rule> {
    let needed: &[&str] = match shader.stage {
        Stage::Geometry => &[
            "GS_INPUT_PRIMITIVE",
            "GS_OUTPUT_PRIMITIVE",
            "GS_MAX_OUTPUT_VERTICES",
        ],
        Stage::TessControl => &["TCS_VERTICES_OUT"],
        Stage::TessEvaluation => &["TES_PRIM_MODE"],
        Stage::Compute => &[
            "CS_FIXED_BLOCK_WIDTH",
            "CS_FIXED_BLOCK_HEIGHT",
            "CS_FIXED_BLOCK_DEPTH",
        ],
        Stage::Vertex | Stage::Fragment => &[],
    };
    let has = |name: &&str| shader.properties.iter().any(|known| known.name() == *name);
    holds(needed.iter().all(has), Rule::MissingProperty)
}
