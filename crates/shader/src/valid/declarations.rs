//! What one declaration may say.

use super::holds;
use super::rule::Rule;
use crate::ir::{Declaration, Detail, File, Location, MemoryKind, Semantic, Stage, Varying};

/// The declaration makes sense by itself.
pub(super) fn check(stage: Stage, declaration: &Declaration) -> Result<(), Rule> {
    check_file(stage, declaration)?;
    check_dimensions(stage, declaration)?;
    match declaration.detail {
        Detail::Varying(varying) => {
            check_semantic(stage, declaration.file, varying)?;
            check_interpolation(stage, declaration.file, varying)?;
            check_streams(stage, declaration.file, varying)
        }
        _ => Ok(()),
    }
}

/// Compute shaders have no inputs and outputs, and they alone have shared memory.
fn check_file(stage: Stage, declaration: &Declaration) -> Result<(), Rule> {
    let compute = stage == Stage::Compute;
    let fits = match (declaration.file, declaration.detail) {
        (File::Input | File::Output, _) => !compute,
        (_, Detail::Memory { kind }) => compute && kind == MemoryKind::Shared,
        _ => true,
    };
    holds(fits, Rule::FileOfAnotherStage)
}

/// Inputs from many vertices have `[]`, and so have outputs to many; constant buffers may
/// have a number, and counter buffers must.
fn check_dimensions(stage: Stage, declaration: &Declaration) -> Result<(), Rule> {
    let per_vertex = is_per_vertex(stage, declaration);
    let numbered = match declaration.file {
        File::HwAtomic => declaration.dimension.is_some(),
        File::Constant => true,
        _ => declaration.dimension.is_none(),
    };
    let fits = per_vertex == declaration.per_vertex && numbered;
    holds(fits, Rule::Dimensions)
}

fn is_per_vertex(stage: Stage, declaration: &Declaration) -> bool {
    // A geometry shader's primitive id has `[]` all the same: so Mesa writes it.
    let of_patch = matches!(
        declaration.detail,
        Detail::Varying(Varying {
            semantic: Some((
                Semantic::Patch | Semantic::TessInner | Semantic::TessOuter | Semantic::PrimitiveId,
                _
            )),
            ..
        })
    );
    match (stage, declaration.file) {
        (Stage::Geometry, File::Input) => true,
        (Stage::TessControl, File::Input | File::Output) | (Stage::TessEvaluation, File::Input) => {
            !of_patch
        }
        _ => false,
    }
}

/// Vertex inputs are attributes and mean nothing; all else means something that the stage
/// takes or gives.
fn check_semantic(stage: Stage, file: File, varying: Varying) -> Result<(), Rule> {
    let fits = match varying.semantic {
        None => stage == Stage::Vertex && file == File::Input,
        Some((semantic, _)) => match file {
            File::SystemValue => is_system_value(stage, semantic),
            File::Output => is_output(stage, semantic),
            _ => is_input(stage, semantic),
        },
    };
    holds(fits, Rule::SemanticOfAnotherStage)
}

/// What one vertex has, on its way from stage to stage.
fn is_of_vertex(semantic: Semantic) -> bool {
    use Semantic as S;
    matches!(
        semantic,
        S::Position
            | S::Color
            | S::BackColor
            | S::Fog
            | S::PointSize
            | S::Generic
            | S::TexCoord
            | S::ClipDistance
            | S::CullDistance
            | S::ClipVertex
            | S::ViewportIndex
            | S::Layer
    )
}

fn is_input(stage: Stage, semantic: Semantic) -> bool {
    use Semantic as S;
    match stage {
        Stage::Vertex | Stage::Compute => false,
        Stage::TessControl | Stage::Geometry => {
            is_of_vertex(semantic) || semantic == S::PrimitiveId
        }
        Stage::TessEvaluation => {
            is_of_vertex(semantic)
                || matches!(
                    semantic,
                    S::Patch | S::TessInner | S::TessOuter | S::PrimitiveId
                )
        }
        Stage::Fragment => {
            matches!(semantic, S::PrimitiveId | S::Face | S::PointCoord)
                || is_of_vertex(semantic) && !matches!(semantic, S::PointSize | S::ClipVertex)
        }
    }
}

fn is_output(stage: Stage, semantic: Semantic) -> bool {
    use Semantic as S;
    match stage {
        Stage::Compute => false,
        Stage::Fragment => matches!(
            semantic,
            S::Color | S::Position | S::Stencil | S::SampleMask
        ),
        Stage::TessControl => {
            is_of_vertex(semantic) || matches!(semantic, S::Patch | S::TessInner | S::TessOuter)
        }
        Stage::Vertex => is_of_vertex(semantic) || semantic == S::EdgeFlag,
        Stage::Geometry => is_of_vertex(semantic) || semantic == S::PrimitiveId,
        Stage::TessEvaluation => is_of_vertex(semantic),
    }
}

fn is_system_value(stage: Stage, semantic: Semantic) -> bool {
    use Semantic as S;
    match semantic {
        S::VertexId
        | S::VertexIdNoBase
        | S::InstanceId
        | S::BaseVertex
        | S::BaseInstance
        | S::DrawId => stage == Stage::Vertex,
        S::PrimitiveId => !matches!(stage, Stage::Vertex | Stage::Compute),
        S::InvocationId => matches!(stage, Stage::Geometry | Stage::TessControl),
        S::VerticesIn => matches!(stage, Stage::TessControl | Stage::TessEvaluation),
        S::TessInner | S::TessOuter | S::TessCoord => stage == Stage::TessEvaluation,
        S::Face
        | S::Position
        | S::PointCoord
        | S::SampleId
        | S::SamplePosition
        | S::SampleMask
        | S::HelperInvocation
        | S::Layer
        | S::ViewportIndex => stage == Stage::Fragment,
        S::GridSize | S::BlockId | S::BlockSize | S::ThreadId | S::WorkDim => {
            stage == Stage::Compute
        }
        S::SubgroupSize
        | S::SubgroupInvocation
        | S::SubgroupEqMask
        | S::SubgroupGeMask
        | S::SubgroupGtMask
        | S::SubgroupLeMask
        | S::SubgroupLtMask => true,
        _ => false,
    }
}

/// Inputs of a fragment are interpolated, and nothing else.
fn check_interpolation(stage: Stage, file: File, varying: Varying) -> Result<(), Rule> {
    let interpolated = stage == Stage::Fragment && file == File::Input;
    let says = varying.interpolation.is_some() || varying.location != Location::Center;
    holds(interpolated || !says, Rule::Interpolation)
}

/// Vertices of a geometry shader go to streams, and nothing else.
fn check_streams(stage: Stage, file: File, varying: Varying) -> Result<(), Rule> {
    let streamed = stage == Stage::Geometry && file == File::Output;
    holds(streamed || varying.streams == [0; 4], Rule::Stream)
}
