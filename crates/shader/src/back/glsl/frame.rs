//! What every part of the writer looks at, and the names that stages agree on.

use super::error::Unsupported;
use super::feature::{self, Feature};
use super::key::{Key, Numbers};
use super::program::Linked;
use super::target::{Language, Version};
use super::value::Base;
use crate::ir::{
    Interpolation, Location, NumericProperty, Primitive, Property, Semantic, Shader, Stage,
};

/// The shader with all that changes its text.
#[derive(Clone, Copy)]
pub(super) struct Frame<'a> {
    pub(super) shader: &'a Shader,
    pub(super) key: &'a Key,
    pub(super) language: &'a Language,
}

/// How a fragment shader gets a varying; the stage before has to say the same.
pub(super) struct Interpolated {
    /// The qualifiers.
    pub(super) how: String,
    /// What it is: integers keep any bits, and are never interpolated.
    pub(super) base: Base,
}

impl Frame<'_> {
    pub(super) fn needs(&self, feature: &Feature) -> Result<(), Unsupported> {
        self.language.needs(feature).map(|_| ())
    }

    /// Whether the text says where attributes and colours are. The second source of a colour has
    /// words only in versions that have it themselves.
    pub(super) fn locates(&self) -> bool {
        let version = self.language.target.version();
        let is_wordless = self.key.dual_source && matches!(version, Version::Desktop(..330));
        match self.shader.stage {
            Stage::Vertex => self.language.has(&feature::LOCATION),
            Stage::Fragment => !is_wordless && self.language.has(&feature::LOCATION),
            _ => true,
        }
    }

    /// What names of this stage begin with.
    pub(super) const fn letters(&self) -> &'static str {
        letters(self.shader.stage)
    }

    /// The stage that gives this one its inputs.
    pub(super) fn previous(&self) -> Stage {
        match (&self.key.previous, self.shader.stage) {
            (Some(previous), _) => previous.stage,
            (None, Stage::TessEvaluation) => Stage::TessControl,
            (None, _) => Stage::Vertex,
        }
    }

    /// Whether the fragment shader, if any, comes next.
    pub(super) fn is_last(&self) -> bool {
        let next = self.key.next.as_ref().map(|next| next.stage);
        match self.shader.stage {
            Stage::Vertex | Stage::TessEvaluation | Stage::Geometry => {
                matches!(next, None | Some(Stage::Fragment))
            }
            _ => false,
        }
    }

    /// Whether the stage before gives this.
    pub(super) fn is_given(&self, semantic: Semantic, number: u16) -> bool {
        let previous = self.key.previous.as_ref();
        previous.is_none_or(|previous| previous.find(semantic, number).is_some())
    }

    /// What the stage after takes of this; nothing if it doesn't.
    pub(super) fn taken(&self, semantic: Semantic, number: u16) -> Option<Linked> {
        let unknown = Linked {
            semantic,
            number,
            interpolation: None,
            location: Location::Center,
        };
        let Some(next) = &self.key.next else {
            return Some(unknown);
        };
        let colors = matches!(semantic, Semantic::Color | Semantic::BackColor);
        match next.find(semantic, number) {
            // A fragment shader with two-sided colours reads the back where it says front.
            None if colors && next.stage == Stage::Fragment => {
                next.find(Semantic::Color, number).copied()
            }
            found => found.copied(),
        }
    }

    pub(super) fn interpolated(&self, linked: &Linked) -> Result<Interpolated, Unsupported> {
        let color = matches!(linked.semantic, Semantic::Color | Semantic::BackColor);
        let flat = |base| Interpolated {
            how: "flat".to_owned(),
            base,
        };
        let how = match linked.interpolation {
            Some(Interpolation::Constant) if !color => return Ok(flat(Base::Uint)),
            Some(Interpolation::Constant) => return Ok(flat(Base::Float)),
            Some(Interpolation::Color) | None if color && self.key.flat => {
                return Ok(flat(Base::Float));
            }
            // OpenGL ES has no word for it. Mesa's own shaders, which copy and clear, say it
            // of primitives without perspective, where it is the same.
            Some(Interpolation::Linear) if self.language.has(&feature::NO_PERSPECTIVE) => {
                "noperspective"
            }
            _ => "smooth",
        };
        let place = match linked.location {
            Location::Center => "",
            Location::Centroid => " centroid",
            Location::Sample => {
                self.needs(&feature::INTERPOLATION)?;
                " sample"
            }
        };
        Ok(Interpolated {
            how: format!("{how}{place}"),
            base: Base::Float,
        })
    }

    /// The number that a property holds, or zero.
    pub(super) fn number(&self, wanted: NumericProperty) -> u32 {
        let mut properties = self.shader.properties.iter();
        let found = properties.find_map(|property| match property {
            Property::Number(name, number) if *name == wanted => Some(*number),
            _ => None,
        });
        found.unwrap_or(0)
    }

    /// How many vertices come in together; those of a patch are counted as the most.
    pub(super) fn vertices_in(&self) -> u16 {
        let mut properties = self.shader.properties.iter();
        let primitive = properties.find_map(|property| match property {
            Property::GsInputPrimitive(primitive) => Some(*primitive),
            _ => None,
        });
        match (self.shader.stage, primitive) {
            (Stage::Geometry, Some(Primitive::Lines)) => 2,
            (Stage::Geometry, Some(Primitive::Triangles)) => 3,
            (Stage::Geometry, Some(Primitive::LinesAdjacency)) => 4,
            (Stage::Geometry, Some(Primitive::TrianglesAdjacency)) => 6,
            (Stage::Geometry, _) => 1,
            _ => 32,
        }
    }

    /// How many of the distances clip and how many cull, where the shader counts them.
    pub(super) fn distances(&self) -> (u32, u32) {
        let clips = self.number(NumericProperty::NumClipdistEnabled);
        (clips, self.number(NumericProperty::NumCulldistEnabled))
    }
}

pub(super) const fn letters(stage: Stage) -> &'static str {
    match stage {
        Stage::Vertex => "vs",
        Stage::TessControl => "tcs",
        Stage::TessEvaluation => "tes",
        Stage::Geometry => "gs",
        Stage::Fragment => "fs",
        Stage::Compute => "cs",
    }
}

/// What a varying that the stage writes is called, by itself and by the next; nothing for
/// what the language has a variable for. Before the last stage before rasterisation,
/// distances, sizes and the like do nothing, and are varyings like others: so the language's
/// own blocks need not agree.
pub(super) fn varying_name(stage: Stage, semantic: Semantic, number: u16) -> Option<String> {
    use Semantic as S;
    let stem = match semantic {
        S::Generic => "generic",
        S::TexCoord => "texcoord",
        S::Color => "color",
        S::BackColor => "bcolor",
        S::Fog => "fog",
        S::Patch => "patch",
        S::PointSize => "psize",
        S::ClipDistance => "clipdist",
        S::ClipVertex => "clipvertex",
        S::Layer => "layer",
        S::ViewportIndex => "viewport",
        _ => return None,
    };
    Some(format!("{}_{stem}{number}", letters(stage)))
}

pub(super) const fn base(kind: Numbers) -> Base {
    match kind {
        Numbers::Float => Base::Float,
        Numbers::Int => Base::Int,
        Numbers::Uint => Base::Uint,
    }
}

/// One of the clip and cull distances as the language names it.
pub(super) fn distance(
    frame: &Frame<'_>,
    number: u16,
    component: u32,
) -> Result<Option<(bool, u32)>, Unsupported> {
    let place = u32::from(number)
        .saturating_mul(4)
        .saturating_add(component);
    if place >= 8 {
        return Err(Unsupported::Semantic);
    }
    let (clips, culls) = frame.distances();
    let counted = clips.saturating_add(culls);
    Ok(match place.checked_sub(clips) {
        Some(cull) if counted > 0 && place < counted => {
            frame.needs(&feature::CULL_DISTANCE)?;
            Some((true, cull))
        }
        Some(_) if counted > 0 => None,
        _ => {
            frame.needs(&feature::CLIP_DISTANCE)?;
            Some((false, place))
        }
    })
}
