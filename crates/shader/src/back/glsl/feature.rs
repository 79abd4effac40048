//! What the languages have since which version, and by which extension before.

use super::target::Extensions as X;

/// Something that not every target has.
pub(super) struct Feature {
    /// What it is, for the refusal.
    pub(super) name: &'static str,
    /// The first version of OpenGL's language that has it.
    pub(super) desktop: Option<u16>,
    /// Extensions any of which brings it before.
    pub(super) desktop_extensions: &'static [X],
    /// The first version of OpenGL ES's language that has it.
    pub(super) es: Option<u16>,
    /// Extensions any of which brings it before.
    pub(super) es_extensions: &'static [X],
}

macro_rules! features {
    ($($feature:ident $name:literal $desktop:expr, [$($one:ident)*]; $es:expr, [$($other:ident)*];)*) => {
        $(pub(super) const $feature: Feature = Feature {
            name: $name,
            desktop: $desktop,
            desktop_extensions: &[$(X::$one),*],
            es: $es,
            es_extensions: &[$(X::$other),*],
        };)*
    };
}

features! {
    BIT_ENCODING "floats as bits" Some(330), [ARB_SHADER_BIT_ENCODING ARB_GPU_SHADER5]; Some(300), [];
    BLOCKS "uniform blocks" Some(140), [ARB_UNIFORM_BUFFER_OBJECT]; Some(300), [];
    LOCATION "locations in the text" Some(330), [ARB_EXPLICIT_ATTRIB_LOCATION]; Some(300), [];
    COORDINATE_LAYOUT "conventions of the coordinate" Some(150), [ARB_FRAGMENT_COORD_CONVENTIONS];
        None, [];
    INSTANCE_ID "the number of an instance" Some(140), [ARB_DRAW_INSTANCED]; Some(300), [];
    RECTANGLE "rectangle textures" Some(140), []; Some(300), [];
    IO_BLOCKS "blocks between stages" Some(150), []; Some(320), [EXT_SHADER_IO_BLOCKS OES_SHADER_IO_BLOCKS];
    BITS "operations on bits" Some(400), [ARB_GPU_SHADER5]; Some(310), [];
    FMA "fused multiply-add" Some(400), [ARB_GPU_SHADER5]; Some(320), [EXT_GPU_SHADER5 OES_GPU_SHADER5];
    PRECISE "precise" Some(400), [ARB_GPU_SHADER5]; Some(320), [EXT_GPU_SHADER5 OES_GPU_SHADER5];
    PACKING "packed halves" Some(420), [ARB_SHADING_LANGUAGE_PACKING]; Some(300), [];
    DOUBLE "doubles" Some(400), [ARB_GPU_SHADER_FP64]; None, [];
    INT64 "64-bit integers" None, [ARB_GPU_SHADER_INT64]; None, [];
    BINDING "bindings in the text" Some(420), [ARB_SHADING_LANGUAGE_420PACK]; Some(310), [];
    SAMPLE_VARIABLES "sample variables" Some(400), [ARB_SAMPLE_SHADING];
        Some(320), [OES_SAMPLE_VARIABLES];
    SAMPLE_MASK_IN "sample masks that come in" Some(400), [ARB_GPU_SHADER5];
        Some(320), [OES_SAMPLE_VARIABLES];
    INTERPOLATION "interpolation at a sample" Some(400), [ARB_GPU_SHADER5];
        Some(320), [OES_SHADER_MULTISAMPLE_INTERPOLATION];
    NO_PERSPECTIVE "interpolation without perspective" Some(130), [];
        None, [NV_SHADER_NOPERSPECTIVE_INTERPOLATION];
    RESOURCE_INDEX "resources chosen at run time" Some(400), [ARB_GPU_SHADER5];
        Some(320), [EXT_GPU_SHADER5 OES_GPU_SHADER5];
    STORAGE_INDEX "storage buffers chosen at run time" Some(430),
        [ARB_SHADER_STORAGE_BUFFER_OBJECT]; None, [];
    IMAGE_INDEX "images chosen at run time" Some(420), [ARB_SHADER_IMAGE_LOAD_STORE]; None, [];
    CUBE_ARRAY "arrays of cubes" Some(400), [ARB_TEXTURE_CUBE_MAP_ARRAY];
        Some(320), [EXT_TEXTURE_CUBE_MAP_ARRAY OES_TEXTURE_CUBE_MAP_ARRAY];
    BUFFER_TEXTURE "buffer textures" Some(140), []; Some(320), [EXT_TEXTURE_BUFFER OES_TEXTURE_BUFFER];
    MULTISAMPLE "multisampled textures" Some(150), [ARB_TEXTURE_MULTISAMPLE]; Some(310), [];
    MULTISAMPLE_ARRAY "arrays of multisampled textures" Some(150), [ARB_TEXTURE_MULTISAMPLE];
        Some(320), [OES_TEXTURE_STORAGE_MULTISAMPLE_2D_ARRAY];
    QUERY_LOD "queries of levels of detail" Some(400), [ARB_TEXTURE_QUERY_LOD];
        None, [EXT_TEXTURE_QUERY_LOD];
    QUERY_LEVELS "queries of levels" Some(430), [ARB_TEXTURE_QUERY_LEVELS]; None, [];
    TEXTURE_SAMPLES "queries of samples" Some(450), [ARB_SHADER_TEXTURE_IMAGE_SAMPLES]; None, [];
    GATHER "gathers" Some(400), [ARB_GPU_SHADER5]; Some(310), [];
    GATHER_OFFSETS "gathers with offsets" Some(400), [ARB_GPU_SHADER5];
        Some(320), [EXT_GPU_SHADER5 OES_GPU_SHADER5];
    SHADOW_LOD "levels of shadow arrays" None, [EXT_TEXTURE_SHADOW_LOD];
        None, [EXT_TEXTURE_SHADOW_LOD];
    IMAGES "images" Some(420), [ARB_SHADER_IMAGE_LOAD_STORE]; Some(310), [];
    IMAGE_SIZE "sizes of images" Some(430), [ARB_SHADER_IMAGE_SIZE]; Some(310), [];
    IMAGE_ATOMICS "atomics on images" Some(420), [ARB_SHADER_IMAGE_LOAD_STORE];
        Some(320), [OES_SHADER_IMAGE_ATOMIC];
    IMAGE_FORMATS "the format of an image" Some(420), [ARB_SHADER_IMAGE_LOAD_STORE];
        None, [NV_IMAGE_FORMATS];
    IMAGE_SHAPES "multisampled images" Some(420), [ARB_SHADER_IMAGE_LOAD_STORE]; None, [];
    READ_WRITE_IMAGES "images read and written" Some(420), [ARB_SHADER_IMAGE_LOAD_STORE];
        None, [];
    STORAGE "storage buffers" Some(430), [ARB_SHADER_STORAGE_BUFFER_OBJECT]; Some(310), [];
    COUNTERS "atomic counters" Some(420), [ARB_SHADER_ATOMIC_COUNTERS]; Some(310), [];
    COUNTER_OPS "operations on atomic counters" Some(460), [ARB_SHADER_ATOMIC_COUNTER_OPS];
        None, [];
    COMPUTE "compute shaders" Some(430), [ARB_COMPUTE_SHADER]; Some(310), [];
    TESSELLATION "tessellation" Some(400), [ARB_TESSELLATION_SHADER];
        Some(320), [EXT_TESSELLATION_SHADER OES_TESSELLATION_SHADER];
    GEOMETRY "geometry shaders" Some(150), []; Some(320), [EXT_GEOMETRY_SHADER OES_GEOMETRY_SHADER];
    INVOCATIONS "invocations of a geometry shader" Some(400), [ARB_GPU_SHADER5];
        Some(320), [EXT_GEOMETRY_SHADER OES_GEOMETRY_SHADER];
    STREAMS "vertex streams" Some(400), [ARB_GPU_SHADER5]; None, [];
    GEOMETRY_POINT_SIZE "point sizes of geometry shaders" Some(150), [];
        None, [EXT_GEOMETRY_POINT_SIZE OES_GEOMETRY_POINT_SIZE];
    TESSELLATION_POINT_SIZE "point sizes of tessellation" Some(400), [ARB_TESSELLATION_SHADER];
        None, [EXT_TESSELLATION_POINT_SIZE OES_TESSELLATION_POINT_SIZE];
    CLIP_DISTANCE "clip distances" Some(130), []; None, [EXT_CLIP_CULL_DISTANCE];
    CULL_DISTANCE "cull distances" Some(450), [ARB_CULL_DISTANCE]; None, [EXT_CLIP_CULL_DISTANCE];
    VIEWPORT "viewports of geometry shaders" Some(410), [ARB_VIEWPORT_ARRAY];
        None, [OES_VIEWPORT_ARRAY NV_VIEWPORT_ARRAY];
    VERTEX_LAYER "layers before geometry" None,
        [ARB_SHADER_VIEWPORT_LAYER_ARRAY AMD_VERTEX_SHADER_LAYER]; None, [];
    VERTEX_VIEWPORT "viewports before geometry" None,
        [ARB_SHADER_VIEWPORT_LAYER_ARRAY AMD_VERTEX_SHADER_VIEWPORT_INDEX]; None, [];
    FRAGMENT_LAYER "the layer of a fragment" Some(430), [ARB_FRAGMENT_LAYER_VIEWPORT];
        Some(320), [EXT_GEOMETRY_SHADER OES_GEOMETRY_SHADER];
    FRAGMENT_VIEWPORT "the viewport of a fragment" Some(430), [ARB_FRAGMENT_LAYER_VIEWPORT];
        None, [OES_VIEWPORT_ARRAY NV_VIEWPORT_ARRAY];
    FRAGMENT_PRIMITIVE "the primitive of a fragment" Some(150), []; Some(320),
        [EXT_GEOMETRY_SHADER OES_GEOMETRY_SHADER];
    EARLY_TESTS "early fragment tests" Some(420), [ARB_SHADER_IMAGE_LOAD_STORE]; Some(310), [];
    POST_DEPTH_COVERAGE "coverage after depth tests" None, [ARB_POST_DEPTH_COVERAGE];
        None, [EXT_POST_DEPTH_COVERAGE];
    DEPTH_LAYOUT "conservative depth" Some(420), [ARB_CONSERVATIVE_DEPTH];
        None, [EXT_CONSERVATIVE_DEPTH];
    ADVANCED_BLEND "advanced blend equations" None, [KHR_BLEND_EQUATION_ADVANCED];
        Some(320), [KHR_BLEND_EQUATION_ADVANCED];
    STENCIL_EXPORT "stencil values" None, [ARB_SHADER_STENCIL_EXPORT]; None, [];
    FRAMEBUFFER_FETCH "framebuffer fetch" None, [EXT_SHADER_FRAMEBUFFER_FETCH];
        None, [EXT_SHADER_FRAMEBUFFER_FETCH];
    DUAL_SOURCE "two sources of blending" Some(330), [ARB_BLEND_FUNC_EXTENDED]; None, [EXT_BLEND_FUNC_EXTENDED];
    FINE_DERIVATIVES "fine derivatives" Some(450), [ARB_DERIVATIVE_CONTROL]; None, [];
    DRAW_PARAMETERS "parameters of the draw" Some(460), [ARB_SHADER_DRAW_PARAMETERS]; None, [];
    HELPER_INVOCATION "helper invocations" Some(450), [ARB_ES3_1_COMPATIBILITY]; Some(310), [];
    DEMOTE "demotion to a helper" None, [EXT_DEMOTE_TO_HELPER_INVOCATION];
        None, [EXT_DEMOTE_TO_HELPER_INVOCATION];
    CLOCK "the clock" None, [ARB_SHADER_CLOCK]; None, [];
    VOTE "votes" Some(460), [ARB_SHADER_GROUP_VOTE]; None, [];
}
