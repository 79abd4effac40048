//! The closed sets that several families of commands use (`pipe/p_defines.h` and
//! `pipe/p_shader_tokens.h` as of virglrenderer 1.3; newer Mesa converts to these).

use crate::codec::numbers;

numbers! {
    /// A shader stage.
    pub enum ShaderStage "shader stage" {
        0 Vertex "PIPE_SHADER_VERTEX",
        1 Fragment "PIPE_SHADER_FRAGMENT",
        2 Geometry "PIPE_SHADER_GEOMETRY",
        3 TessCtrl "PIPE_SHADER_TESS_CTRL",
        4 TessEval "PIPE_SHADER_TESS_EVAL",
        5 Compute "PIPE_SHADER_COMPUTE",
    }

    /// The shape of a resource, or of a view of one.
    pub enum TextureTarget "texture target" {
        0 Buffer "PIPE_BUFFER",
        1 Texture1D "PIPE_TEXTURE_1D",
        2 Texture2D "PIPE_TEXTURE_2D",
        3 Texture3D "PIPE_TEXTURE_3D",
        4 Cube "PIPE_TEXTURE_CUBE",
        5 Rect "PIPE_TEXTURE_RECT",
        6 Texture1DArray "PIPE_TEXTURE_1D_ARRAY",
        7 Texture2DArray "PIPE_TEXTURE_2D_ARRAY",
        8 CubeArray "PIPE_TEXTURE_CUBE_ARRAY",
    }

    /// A comparison.
    pub enum CompareFunc "compare function" {
        0 Never "PIPE_FUNC_NEVER",
        1 Less "PIPE_FUNC_LESS",
        2 Equal "PIPE_FUNC_EQUAL",
        3 LessEqual "PIPE_FUNC_LEQUAL",
        4 Greater "PIPE_FUNC_GREATER",
        5 NotEqual "PIPE_FUNC_NOTEQUAL",
        6 GreaterEqual "PIPE_FUNC_GEQUAL",
        7 Always "PIPE_FUNC_ALWAYS",
    }

    /// How texels between samples are made.
    pub enum ImageFilter "image filter" {
        0 Nearest "PIPE_TEX_FILTER_NEAREST",
        1 Linear "PIPE_TEX_FILTER_LINEAR",
    }

    /// What vertices make.
    pub enum PrimitiveMode "primitive mode" {
        0 Points "PIPE_PRIM_POINTS",
        1 Lines "PIPE_PRIM_LINES",
        2 LineLoop "PIPE_PRIM_LINE_LOOP",
        3 LineStrip "PIPE_PRIM_LINE_STRIP",
        4 Triangles "PIPE_PRIM_TRIANGLES",
        5 TriangleStrip "PIPE_PRIM_TRIANGLE_STRIP",
        6 TriangleFan "PIPE_PRIM_TRIANGLE_FAN",
        7 Quads "PIPE_PRIM_QUADS",
        8 QuadStrip "PIPE_PRIM_QUAD_STRIP",
        9 Polygon "PIPE_PRIM_POLYGON",
        10 LinesAdjacency "PIPE_PRIM_LINES_ADJACENCY",
        11 LineStripAdjacency "PIPE_PRIM_LINE_STRIP_ADJACENCY",
        12 TrianglesAdjacency "PIPE_PRIM_TRIANGLES_ADJACENCY",
        13 TriangleStripAdjacency "PIPE_PRIM_TRIANGLE_STRIP_ADJACENCY",
        14 Patches "PIPE_PRIM_PATCHES",
    }
}
