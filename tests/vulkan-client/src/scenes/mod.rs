//! The scenes, one a file; the first line of each file says what it is for.

use crate::error::Result;
use crate::gpu::{Gpu, Needs, Output};

/// One scene.
pub(crate) struct Scene {
    /// The name of its file, and of its picture.
    pub(crate) name: &'static str,
    source: &'static str,
    /// Says what the scene asks of the device.
    needs: fn(&mut Needs),
    /// Draws it.
    pub(crate) draw: fn(&Gpu) -> Result<Output>,
}

impl Scene {
    /// What the scene asks of the device.
    pub(crate) fn wanted(&self) -> Needs {
        let mut needs = Needs::default();
        (self.needs)(&mut needs);
        needs
    }

    /// What the scene is for: the first line of its file.
    pub(crate) fn purpose(&self) -> &'static str {
        let first = self.source.lines().next().unwrap_or_default();
        first.trim_start_matches("//! ")
    }
}

macro_rules! scenes {
    ($($name:ident)*) => {
        $(mod $name;)*

        /// All scenes, in the order in which they are drawn.
        pub(crate) const ALL: &[Scene] = &[$(Scene {
            name: stringify!($name),
            source: include_str!(concat!(stringify!($name), ".rs")),
            needs: $name::needs,
            draw: $name::draw,
        }),*];
    };
}

mod rects;
mod sampled;
mod world;

scenes! {
    triangle
    textured_quad
    blend
    depth
    depth_readback
    stencil
    compute_buffer
    storage_image
    mipmap
    resolve_attachment
    resolve_command
    copy_buffer
    copy_image
    copy_3d
    blit
    clear
    query_occlusion
    query_timestamp
    query_statistics
    indirect
    indirect_count
    dynamic_rendering
    dynamic_state
    push_constants
    timeline
    events
    secondary
    update_template
    push_descriptor
    dynamic_offsets
    specialization
    sampler_modes
    immutable_samplers
    cube_map
    instancing
    render_targets
    texel_buffers
    input_attachment
    topologies
    multi_viewport
    tessellation
    geometry
    multiview
    vertex_formats
    ycbcr
    pipeline_cache
    pipeline_library
    inline_uniform
    host_image_copy
    private_data
    buffer_address
    descriptor_indexing
    sparse_buffer
    sparse_image
    robustness
    robustness2
    upload_large
    memory_types
    calibrated_timestamps
    conditional_rendering
    transform_feedback
    mesh_shader
    ray_query
    ray_tracing
    synchronization2
    threads
    queue_families
    semaphores
    linear_image
    linear_target
    exchange
    linear_target_depth
    large_mesh
    dispatch_base
    copy2
    query_reset
    depth_resolve
    shader_object
    shadow_sampler
    subgroups
    number_types
    vertex_divisor
    imageless_framebuffer
    logic_op
    srgb_views
    volume
    compressed
    suballocation
    many_objects
    resubmit
    lines_and_bounds
    load_and_store
    descriptor_pools
    border_colours
}
