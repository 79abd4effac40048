//! The single calls, under the names that `glow` gives them.

use glow::{
    Buffer, Framebuffer, HasContext, PixelPackData, PixelUnpackData, Program, Query, Texture,
    UniformLocation, VertexArray,
};

use super::Gl;

macro_rules! calls {
    ($(fn $name:ident($($argument:ident: $kind:ty),*) $(-> $result:ty)?;)*) => {
        impl Gl {
            $(
                #[allow(clippy::too_many_arguments)]
                pub(crate) fn $name(&self, $($argument: $kind),*) $(-> $result)? {
                    // SAFETY: the context is current on this thread, which `self` does not
                    // leave; the call gets no pointer that GL would follow, and what a wrong
                    // number does is an error of GL's.
                    unsafe { self.raw.$name($($argument),*) }
                }
            )*
        }
    };
}

calls! {
    fn active_texture(unit: u32);
    fn begin_query(target: u32, query: Query);
    fn begin_transform_feedback(mode: u32);
    fn bind_buffer(target: u32, buffer: Option<Buffer>);
    fn bind_buffer_base(target: u32, index: u32, buffer: Option<Buffer>);
    fn bind_buffer_range(target: u32, index: u32, buffer: Option<Buffer>, offset: i32, size: i32);
    fn bind_framebuffer(target: u32, framebuffer: Option<Framebuffer>);
    fn bind_image_texture(unit: u32, texture: Option<Texture>, level: i32, layered: bool, layer: i32, access: u32, format: u32);
    fn bind_texture(target: u32, texture: Option<Texture>);
    fn bind_vertex_array(array: Option<VertexArray>);
    fn blend_equation(mode: u32);
    fn blend_func(source: u32, destination: u32);
    fn blit_framebuffer(x0: i32, y0: i32, x1: i32, y1: i32, to_x0: i32, to_y0: i32, to_x1: i32, to_y1: i32, mask: u32, filter: u32);
    fn check_framebuffer_status(target: u32) -> u32;
    fn clear(mask: u32);
    fn clear_color(red: f32, green: f32, blue: f32, alpha: f32);
    fn color_mask(red: bool, green: bool, blue: bool, alpha: bool);
    fn copy_buffer_sub_data(from: u32, to: u32, from_offset: i32, to_offset: i32, size: i32);
    fn copy_image_sub_data(from: Texture, from_target: u32, from_level: i32, from_x: i32, from_y: i32, from_z: i32, to: Texture, to_target: u32, to_level: i32, to_x: i32, to_y: i32, to_z: i32, width: i32, height: i32, depth: i32);
    fn create_buffer() -> Result<Buffer, String>;
    fn create_framebuffer() -> Result<Framebuffer, String>;
    fn create_program() -> Result<Program, String>;
    fn create_query() -> Result<Query, String>;
    fn create_shader(kind: u32) -> Result<glow::Shader, String>;
    fn create_texture() -> Result<Texture, String>;
    fn create_vertex_array() -> Result<VertexArray, String>;
    fn attach_shader(program: Program, shader: glow::Shader);
    fn compile_shader(shader: glow::Shader);
    fn delete_program(program: Program);
    fn delete_shader(shader: glow::Shader);
    fn depth_func(function: u32);
    fn disable(feature: u32);
    fn dispatch_compute(x: u32, y: u32, z: u32);
    fn draw_arrays(mode: u32, first: i32, count: i32);
    fn draw_arrays_instanced(mode: u32, first: i32, count: i32, instances: i32);
    fn draw_buffers(buffers: &[u32]);
    fn enable(feature: u32);
    fn enable_vertex_attrib_array(index: u32);
    fn end_query(target: u32);
    fn end_transform_feedback();
    fn finish();
    fn framebuffer_texture_2d(target: u32, attachment: u32, kind: u32, texture: Option<Texture>, level: i32);
    fn generate_mipmap(target: u32);
    fn get_error() -> u32;
    fn get_parameter_string(name: u32) -> String;
    fn get_program_info_log(program: Program) -> String;
    fn get_program_link_status(program: Program) -> bool;
    fn get_query_parameter_u32(query: Query, name: u32) -> u32;
    fn get_shader_compile_status(shader: glow::Shader) -> bool;
    fn get_shader_info_log(shader: glow::Shader) -> String;
    fn get_uniform_block_index(program: Program, name: &str) -> Option<u32>;
    fn get_uniform_location(program: Program, name: &str) -> Option<UniformLocation>;
    fn link_program(program: Program);
    fn memory_barrier(barriers: u32);
    fn patch_parameter_i32(name: u32, value: i32);
    fn pixel_store_i32(name: u32, value: i32);
    fn scissor(x: i32, y: i32, width: i32, height: i32);
    fn shader_source(shader: glow::Shader, source: &str);
    fn stencil_func(function: u32, reference: i32, mask: u32);
    fn stencil_op(fail: u32, depth_fail: u32, pass: u32);
    fn tex_buffer(target: u32, format: u32, buffer: Option<Buffer>);
    fn tex_parameter_f32_slice(target: u32, name: u32, values: &[f32; 4]);
    fn tex_parameter_i32(target: u32, name: u32, value: i32);
    fn tex_storage_2d(target: u32, levels: i32, format: u32, width: i32, height: i32);
    fn tex_storage_2d_multisample(target: u32, samples: i32, format: u32, width: i32, height: i32, fixed: bool);
    fn tex_storage_3d(target: u32, levels: i32, format: u32, width: i32, height: i32, depth: i32);
    fn transform_feedback_varyings(program: Program, names: &[&str], mode: u32);
    fn uniform_1_f32(location: Option<&UniformLocation>, x: f32);
    fn uniform_1_i32(location: Option<&UniformLocation>, x: i32);
    fn uniform_4_f32(location: Option<&UniformLocation>, x: f32, y: f32, z: f32, w: f32);
    fn uniform_block_binding(program: Program, index: u32, binding: u32);
    fn use_program(program: Option<Program>);
    fn vertex_attrib_divisor(index: u32, divisor: u32);
    fn vertex_attrib_pointer_f32(index: u32, size: i32, kind: u32, normalized: bool, stride: i32, offset: i32);
    fn viewport(x: i32, y: i32, width: i32, height: i32);
}

/// A rectangle of texels: x, y, width, height.
pub(crate) type Area = [i32; 4];

/// The calls that follow a pointer.
impl Gl {
    pub(crate) fn buffer_data(&self, target: u32, bytes: &[u8], usage: u32) {
        // SAFETY: the context is current; GL reads as many bytes as the slice has.
        unsafe { self.raw.buffer_data_u8_slice(target, bytes, usage) }
    }

    pub(crate) fn buffer_sub_data(&self, target: u32, offset: i32, bytes: &[u8]) {
        // SAFETY: as above; past the buffer's end is an error of GL's.
        unsafe {
            self.raw.buffer_sub_data_u8_slice(target, offset, bytes);
        }
    }

    pub(crate) fn read_buffer_data(&self, target: u32, into: &mut [u8]) {
        // SAFETY: GL writes as many bytes as the slice has.
        unsafe { self.raw.get_buffer_sub_data(target, 0, into) }
    }

    /// Draws with the 16-bit indices of `buffer`, from its byte `offset` on.
    pub(crate) fn draw_elements(&self, buffer: Buffer, mode: u32, count: i32, offset: i32) {
        self.bind_buffer(glow::ELEMENT_ARRAY_BUFFER, Some(buffer));
        // SAFETY: an index buffer is bound, so the offset is none of a pointer.
        unsafe {
            self.raw
                .draw_elements(mode, count, glow::UNSIGNED_SHORT, offset);
        }
    }

    /// Draws with the parameters that lie at the start of `buffer`.
    pub(crate) fn draw_arrays_indirect(&self, buffer: Buffer, mode: u32) {
        self.bind_buffer(glow::DRAW_INDIRECT_BUFFER, Some(buffer));
        // SAFETY: a buffer is bound, so the offset is none of a pointer.
        unsafe { self.raw.draw_arrays_indirect_offset(mode, 0) }
    }

    /// Writes texels of RGBA8 to a level of the texture bound to `target`.
    ///
    /// # Panics
    /// The slice is not as long as the area.
    pub(crate) fn upload(&self, target: u32, level: i32, area: Area, texels: &[u8]) {
        assert_eq!(texels.len(), length(area));
        let [x, y, width, height] = area;
        // SAFETY: with an alignment of 1, set when the context was made, and no pixel buffer,
        // of which this program has none, GL reads four bytes a texel of the area.
        unsafe {
            self.raw.tex_sub_image_2d(
                target,
                level,
                x,
                y,
                width,
                height,
                glow::RGBA,
                glow::UNSIGNED_BYTE,
                PixelUnpackData::Slice(Some(texels)),
            );
        }
    }

    /// The same to one layer of an array, or slice of a volume.
    ///
    /// # Panics
    /// The slice is not as long as the area.
    pub(crate) fn upload_layer(&self, target: u32, layer: i32, area: Area, texels: &[u8]) {
        assert_eq!(texels.len(), length(area));
        let [x, y, width, height] = area;
        // SAFETY: as for `upload`.
        unsafe {
            self.raw.tex_sub_image_3d(
                target,
                0,
                x,
                y,
                layer,
                width,
                height,
                1,
                glow::RGBA,
                glow::UNSIGNED_BYTE,
                PixelUnpackData::Slice(Some(texels)),
            );
        }
    }

    /// Reads the framebuffer's texels as RGBA8.
    ///
    /// # Panics
    /// The slice is not as long as the area.
    pub(crate) fn download(&self, area: Area, into: &mut [u8]) {
        assert_eq!(into.len(), length(area));
        let [x, y, width, height] = area;
        // SAFETY: with an alignment of 1 and no pixel buffer GL writes four bytes a texel.
        unsafe {
            self.raw.read_pixels(
                x,
                y,
                width,
                height,
                glow::RGBA,
                glow::UNSIGNED_BYTE,
                PixelPackData::Slice(Some(into)),
            );
        }
    }
}

/// Bytes of an area of RGBA8.
fn length([_, _, width, height]: Area) -> usize {
    let side = |length: i32| usize::try_from(length).unwrap_or_default();
    side(width) * side(height) * 4
}
