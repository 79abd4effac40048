//! The closed sets of words that TGSI text is made of
//! (`src/gallium/auxiliary/tgsi/tgsi_strings.c`).

use super::named::named;

named! {
    /// The stage of the pipeline that a shader is for.
    Stage {
        Fragment "FRAG",
        Vertex "VERT",
        Geometry "GEOM",
        TessControl "TESS_CTRL",
        TessEvaluation "TESS_EVAL",
        Compute "COMP",
    }
}

named! {
    /// A register file.
    File {
        Null "NULL",
        Constant "CONST",
        Input "IN",
        Output "OUT",
        Temporary "TEMP",
        Sampler "SAMP",
        Address "ADDR",
        Immediate "IMM",
        SystemValue "SV",
        Image "IMAGE",
        SamplerView "SVIEW",
        Buffer "BUFFER",
        Memory "MEMORY",
        HwAtomic "HWATOMIC",
    }
}

named! {
    /// What an input, output or system value is.
    Semantic {
        Position "POSITION",
        Color "COLOR",
        BackColor "BCOLOR",
        Fog "FOG",
        PointSize "PSIZE",
        Generic "GENERIC",
        Normal "NORMAL",
        Face "FACE",
        EdgeFlag "EDGEFLAG",
        PrimitiveId "PRIM_ID",
        InstanceId "INSTANCEID",
        VertexId "VERTEXID",
        Stencil "STENCIL",
        ClipDistance "CLIPDIST",
        ClipVertex "CLIPVERTEX",
        GridSize "GRID_SIZE",
        BlockId "BLOCK_ID",
        BlockSize "BLOCK_SIZE",
        ThreadId "THREAD_ID",
        TexCoord "TEXCOORD",
        PointCoord "PCOORD",
        ViewportIndex "VIEWPORT_INDEX",
        Layer "LAYER",
        CullDistance "CULLDIST",
        SampleId "SAMPLEID",
        SamplePosition "SAMPLEPOS",
        SampleMask "SAMPLEMASK",
        InvocationId "INVOCATIONID",
        VertexIdNoBase "VERTEXID_NOBASE",
        BaseVertex "BASEVERTEX",
        Patch "PATCH",
        TessCoord "TESSCOORD",
        TessOuter "TESSOUTER",
        TessInner "TESSINNER",
        VerticesIn "VERTICESIN",
        HelperInvocation "HELPER_INVOCATION",
        BaseInstance "BASEINSTANCE",
        DrawId "DRAWID",
        WorkDim "WORK_DIM",
        SubgroupSize "SUBGROUP_SIZE",
        SubgroupInvocation "SUBGROUP_INVOCATION",
        SubgroupEqMask "SUBGROUP_EQ_MASK",
        SubgroupGeMask "SUBGROUP_GE_MASK",
        SubgroupGtMask "SUBGROUP_GT_MASK",
        SubgroupLeMask "SUBGROUP_LE_MASK",
        SubgroupLtMask "SUBGROUP_LT_MASK",
        ViewportMask "VIEWPORT_MASK",
    }
}

named! {
    /// The shape of a texture or image, and whether it compares depth.
    Target {
        Buffer "BUFFER",
        D1 "1D",
        D2 "2D",
        D3 "3D",
        Cube "CUBE",
        Rect "RECT",
        Shadow1d "SHADOW1D",
        Shadow2d "SHADOW2D",
        ShadowRect "SHADOWRECT",
        D1Array "1D_ARRAY",
        D2Array "2D_ARRAY",
        Shadow1dArray "SHADOW1D_ARRAY",
        Shadow2dArray "SHADOW2D_ARRAY",
        ShadowCube "SHADOWCUBE",
        D2Msaa "2D_MSAA",
        D2ArrayMsaa "2D_ARRAY_MSAA",
        CubeArray "CUBEARRAY",
        ShadowCubeArray "SHADOWCUBEARRAY",
    }
}

impl Target {
    /// Whether what is read is compared with a reference.
    pub const fn is_shadow(self) -> bool {
        matches!(
            self,
            Self::Shadow1d
                | Self::Shadow2d
                | Self::ShadowRect
                | Self::Shadow1dArray
                | Self::Shadow2dArray
                | Self::ShadowCube
                | Self::ShadowCubeArray
        )
    }

    /// Whether a texel has samples.
    pub const fn is_multisampled(self) -> bool {
        matches!(self, Self::D2Msaa | Self::D2ArrayMsaa)
    }
}

named! {
    /// What a sampler view gives for a component.
    ReturnType {
        Unorm "UNORM",
        Snorm "SNORM",
        Sint "SINT",
        Uint "UINT",
        Float "FLOAT",
    }
}

named! {
    /// How an input of a fragment follows from the vertices.
    Interpolation {
        Constant "CONSTANT",
        Linear "LINEAR",
        Perspective "PERSPECTIVE",
        Color "COLOR",
    }
}

named! {
    /// Where in the fragment an input is evaluated.
    Location {
        Center "CENTER",
        Centroid "CENTROID",
        Sample "SAMPLE",
    }
}

named! {
    /// A kind of primitive.
    Primitive {
        Points "POINTS",
        Lines "LINES",
        LineLoop "LINE_LOOP",
        LineStrip "LINE_STRIP",
        Triangles "TRIANGLES",
        TriangleStrip "TRIANGLE_STRIP",
        TriangleFan "TRIANGLE_FAN",
        Quads "QUADS",
        QuadStrip "QUAD_STRIP",
        Polygon "POLYGON",
        LinesAdjacency "LINES_ADJACENCY",
        LineStripAdjacency "LINE_STRIP_ADJACENCY",
        TrianglesAdjacency "TRIANGLES_ADJACENCY",
        TriangleStripAdjacency "TRIANGLE_STRIP_ADJACENCY",
        Patches "PATCHES",
    }
}

named! {
    /// Which corner of the framebuffer has fragment coordinate zero.
    Origin {
        UpperLeft "UPPER_LEFT",
        LowerLeft "LOWER_LEFT",
    }
}

named! {
    /// Where a fragment's coordinate lies in its pixel.
    PixelCenter {
        HalfInteger "HALF_INTEGER",
        Integer "INTEGER",
    }
}

named! {
    /// How the numbers of an immediate are spelled.
    ImmediateType {
        Flt32 "FLT32",
        Uint32 "UINT32",
        Int32 "INT32",
        Flt64 "FLT64",
        Uint64 "UINT64",
        Int64 "INT64",
    }
}

named! {
    /// What an access to memory must or may not assume.
    MemoryQualifier {
        Coherent "COHERENT",
        Restrict "RESTRICT",
        Volatile "VOLATILE",
        StreamCachePolicy "STREAM_CACHE_POLICY",
    }
}

named! {
    /// Which memory a `MEMORY` register is.
    MemoryKind {
        Global "GLOBAL",
        Shared "SHARED",
        Private "PRIVATE",
        Input "INPUT",
    }
}

named! {
    /// The format of an image: those that GLSL has layout qualifiers for, in Mesa's
    /// spelling (`src/util/format/u_format.yaml`). No format is written `PIPE_FORMAT_NONE`.
    ImageFormat {
        R32Float "PIPE_FORMAT_R32_FLOAT",
        R32Uint "PIPE_FORMAT_R32_UINT",
        R32Sint "PIPE_FORMAT_R32_SINT",
        Rg32Float "PIPE_FORMAT_R32G32_FLOAT",
        Rg32Uint "PIPE_FORMAT_R32G32_UINT",
        Rg32Sint "PIPE_FORMAT_R32G32_SINT",
        Rgba32Float "PIPE_FORMAT_R32G32B32A32_FLOAT",
        Rgba32Uint "PIPE_FORMAT_R32G32B32A32_UINT",
        Rgba32Sint "PIPE_FORMAT_R32G32B32A32_SINT",
        R16Float "PIPE_FORMAT_R16_FLOAT",
        R16Uint "PIPE_FORMAT_R16_UINT",
        R16Sint "PIPE_FORMAT_R16_SINT",
        R16Unorm "PIPE_FORMAT_R16_UNORM",
        R16Snorm "PIPE_FORMAT_R16_SNORM",
        Rg16Float "PIPE_FORMAT_R16G16_FLOAT",
        Rg16Uint "PIPE_FORMAT_R16G16_UINT",
        Rg16Sint "PIPE_FORMAT_R16G16_SINT",
        Rg16Unorm "PIPE_FORMAT_R16G16_UNORM",
        Rg16Snorm "PIPE_FORMAT_R16G16_SNORM",
        Rgba16Float "PIPE_FORMAT_R16G16B16A16_FLOAT",
        Rgba16Uint "PIPE_FORMAT_R16G16B16A16_UINT",
        Rgba16Sint "PIPE_FORMAT_R16G16B16A16_SINT",
        Rgba16Unorm "PIPE_FORMAT_R16G16B16A16_UNORM",
        Rgba16Snorm "PIPE_FORMAT_R16G16B16A16_SNORM",
        R8Uint "PIPE_FORMAT_R8_UINT",
        R8Sint "PIPE_FORMAT_R8_SINT",
        R8Unorm "PIPE_FORMAT_R8_UNORM",
        R8Snorm "PIPE_FORMAT_R8_SNORM",
        Rg8Uint "PIPE_FORMAT_R8G8_UINT",
        Rg8Sint "PIPE_FORMAT_R8G8_SINT",
        Rg8Unorm "PIPE_FORMAT_R8G8_UNORM",
        Rg8Snorm "PIPE_FORMAT_R8G8_SNORM",
        Rgba8Uint "PIPE_FORMAT_R8G8B8A8_UINT",
        Rgba8Sint "PIPE_FORMAT_R8G8B8A8_SINT",
        Rgba8Unorm "PIPE_FORMAT_R8G8B8A8_UNORM",
        Rgba8Snorm "PIPE_FORMAT_R8G8B8A8_SNORM",
        Rgb10A2Unorm "PIPE_FORMAT_R10G10B10A2_UNORM",
        Rgb10A2Uint "PIPE_FORMAT_R10G10B10A2_UINT",
        Rg11B10Float "PIPE_FORMAT_R11G11B10_FLOAT",
    }
}

named! {
    /// A property of a shader whose value is a number.
    NumericProperty {
        GsMaxOutputVertices "GS_MAX_OUTPUT_VERTICES",
        FsColor0WritesAllCbufs "FS_COLOR0_WRITES_ALL_CBUFS",
        FsDepthLayout "FS_DEPTH_LAYOUT",
        VsProhibitUcps "VS_PROHIBIT_UCPS",
        GsInvocations "GS_INVOCATIONS",
        VsWindowSpacePosition "VS_WINDOW_SPACE_POSITION",
        TcsVerticesOut "TCS_VERTICES_OUT",
        TesPrimMode "TES_PRIM_MODE",
        TesSpacing "TES_SPACING",
        TesVertexOrderCw "TES_VERTEX_ORDER_CW",
        TesPointMode "TES_POINT_MODE",
        NumClipdistEnabled "NUM_CLIPDIST_ENABLED",
        NumCulldistEnabled "NUM_CULLDIST_ENABLED",
        FsEarlyDepthStencil "FS_EARLY_DEPTH_STENCIL",
        FsPostDepthCoverage "FS_POST_DEPTH_COVERAGE",
        CsFixedBlockWidth "CS_FIXED_BLOCK_WIDTH",
        CsFixedBlockHeight "CS_FIXED_BLOCK_HEIGHT",
        CsFixedBlockDepth "CS_FIXED_BLOCK_DEPTH",
        MulZeroWins "MUL_ZERO_WINS",
        LegacyMathRules "LEGACY_MATH_RULES",
        LayerViewportRelative "LAYER_VIEWPORT_RELATIVE",
        FsBlendEquationAdvanced "FS_BLEND_EQUATION_ADVANCED",
        SeparableProgram "SEPARABLE_PROGRAM",
    }
}
