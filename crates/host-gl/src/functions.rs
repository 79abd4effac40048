//! The entry points of OpenGL and OpenGL ES that Paravane calls, and no other.
//!
//! Types are those of the Khronos registry's `gl.xml`. Where an entry point came as an
//! extension first, or does in OpenGL ES, the extension's names follow the core name.

use std::cell::Cell;
use std::ffi::{CStr, c_char, c_void};

use crate::Current;

/// What a driver calls with each message of `KHR_debug`.
pub(crate) type DebugCallback =
    extern "system" fn(u32, u32, u32, u32, i32, *const c_char, *mut c_void);

/// What a call returns when the driver lacks the entry point.
trait Absent {
    const VALUE: Self;
}

macro_rules! absent {
    ($($type:ty = $value:expr;)*) => {
        $(impl Absent for $type {
            const VALUE: Self = $value;
        })*
    };
}

absent! {
    () = ();
    u8 = 0;
    i32 = -1;
    u32 = 0;
    *const u8 = std::ptr::null();
    *const c_void = std::ptr::null();
    *mut c_void = std::ptr::null_mut();
}

macro_rules! functions {
    (
        state {
            $($state:ident = $($state_symbol:ident)|+ ($($state_arg:ident: $state_type:ty),*);)*
        }
        repeated {
            $($repeated:ident = $($repeated_symbol:ident)|+ ($($repeated_arg:ident: $repeated_type:ty),*);)*
        }
        scalar {
            $($scalar:ident = $($scalar_symbol:ident)|+
                ($($scalar_arg:ident: $scalar_type:ty),*) $(-> $scalar_result:ty)?;)*
        }
        pointer {
            $($pointer:ident = $($pointer_symbol:ident)|+
                ($($pointer_arg:ident: $pointer_type:ty),*) $(-> $pointer_result:ty)?;)*
        }
    ) => {
        /// The entry points; what the driver lacks is missing.
        pub(crate) struct Functions {
            $($state: Option<unsafe extern "system" fn($($state_type),*)>,)*
            $($repeated: Option<unsafe extern "system" fn($($repeated_type),*)>,)*
            $($scalar: Option<unsafe extern "system" fn($($scalar_type),*) $(-> $scalar_result)?>,)*
            $($pointer: Option<unsafe extern "system" fn($($pointer_type),*) $(-> $pointer_result)?>,)*
        }

        impl Functions {
            /// Looks all entry points up.
            ///
            /// # Safety
            /// `lookup` returns null or the address of the function with the name given, of
            /// the type that the registry gives that name.
            pub(crate) unsafe fn load(lookup: &dyn Fn(&CStr) -> *const c_void) -> Self {
                Self {
                    // SAFETY: null or a function of the type, by this function's contract.
                    $($state: unsafe { as_function(first(lookup, &[$(symbol(concat!(stringify!($state_symbol), "\0"))),+])) },)*
                    // SAFETY: null or a function of the type, by this function's contract.
                    $($repeated: unsafe { as_function(first(lookup, &[$(symbol(concat!(stringify!($repeated_symbol), "\0"))),+])) },)*
                    // SAFETY: null or a function of the type, by this function's contract.
                    $($scalar: unsafe { as_function(first(lookup, &[$(symbol(concat!(stringify!($scalar_symbol), "\0"))),+])) },)*
                    // SAFETY: null or a function of the type, by this function's contract.
                    $($pointer: unsafe { as_function(first(lookup, &[$(symbol(concat!(stringify!($pointer_symbol), "\0"))),+])) },)*
                }
            }
        }

        /// State of the context: numbers only. A number that GL does not know is an error of
        /// GL ([`Current::check`]) and nothing worse.
        impl Current<'_> {
            $(
                #[doc = concat!("`", $(stringify!($state_symbol), "` ",)+ "with the arguments as GL names them.")]
                #[allow(clippy::too_many_arguments, reason = "GL's own")]
                #[inline]
                pub fn $state(&self, $($state_arg: $state_type),*) {
                    match self.functions().$state {
                        // SAFETY: a context is current, and there are no pointers.
                        Some(function) => unsafe { function($($state_arg),*) },
                        None => missing(stringify!($state)),
                    }
                }
            )*
        }

        /// The arguments of the last call of each that GL need not hear twice in a row.
        #[derive(Default)]
        pub(crate) struct Repeated {
            $($repeated: Cell<Option<($($repeated_type,)*)>>,)*
        }

        /// State likewise, of which GL hears only when it is not what it heard last.
        impl Current<'_> {
            $(
                #[doc = concat!("`", $(stringify!($repeated_symbol), "` ",)+ "with the arguments as GL names them.")]
                #[inline]
                pub fn $repeated(&self, $($repeated_arg: $repeated_type),*) {
                    let now = Some(($($repeated_arg,)*));
                    if self.context.kept.repeated.$repeated.replace(now) == now {
                        return;
                    }
                    match self.functions().$repeated {
                        // SAFETY: a context is current, and there are no pointers.
                        Some(function) => unsafe { function($($repeated_arg),*) },
                        None => missing(stringify!($repeated)),
                    }
                }
            )*
        }

        /// Calls without pointers whose meaning depends on names of objects or on what is bound.
        #[allow(dead_code, reason = "the table serves every build of the crate")]
        impl Current<'_> {
            $(
                #[allow(clippy::too_many_arguments, reason = "GL's own")]
                #[inline]
                pub(crate) fn $scalar(&self, $($scalar_arg: $scalar_type),*) $(-> $scalar_result)? {
                    match self.functions().$scalar {
                        // SAFETY: a context is current, and there are no pointers.
                        Some(function) => unsafe { function($($scalar_arg),*) },
                        None => missing(stringify!($scalar)),
                    }
                }
            )*
        }

        /// Calls with pointers, or with offsets that GL follows.
        ///
        /// # Safety
        /// Of each: what GL reads or writes through a pointer, by the arguments, the bound
        /// objects and the pixel store, is valid.
        #[allow(dead_code, reason = "the table serves every build of the crate")]
        impl Current<'_> {
            $(
                #[allow(clippy::too_many_arguments, reason = "GL's own")]
                #[allow(clippy::missing_safety_doc, reason = "the block's documentation has it")]
                #[inline]
                pub(crate) unsafe fn $pointer(&self, $($pointer_arg: $pointer_type),*) $(-> $pointer_result)? {
                    match self.functions().$pointer {
                        // SAFETY: a context is current; the rest is the caller's.
                        Some(function) => unsafe { function($($pointer_arg),*) },
                        None => missing(stringify!($pointer)),
                    }
                }
            )*
        }
    };
}

functions! {
    state {
        blend_equationi = glBlendEquationi | glBlendEquationiOES | glBlendEquationiEXT
            (buf: u32, mode: u32);
        blend_barrier = glBlendBarrier | glBlendBarrierKHR ();
        stencil_func_separate = glStencilFuncSeparate
            (face: u32, func: u32, reference: i32, mask: u32);
        stencil_mask_separate = glStencilMaskSeparate (face: u32, mask: u32);
        stencil_op_separate = glStencilOpSeparate (face: u32, sfail: u32, dpfail: u32, dppass: u32);
        stencil_mask = glStencilMask (mask: u32);
        polygon_mode = glPolygonMode (face: u32, mode: u32);
        line_stipple = glLineStipple (factor: i32, pattern: u16);
        sample_coverage = glSampleCoverage (value: f32, invert: u8);
        alpha_func = glAlphaFunc (func: u32, reference: f32);
        shade_model = glShadeModel (mode: u32);
        memory_barrier = glMemoryBarrier (barriers: u32);
        memory_barrier_by_region = glMemoryBarrierByRegion (barriers: u32);
        texture_barrier = glTextureBarrier | glTextureBarrierNV ();
        flush = glFlush ();
        finish = glFinish ();
        vertex_attrib4f = glVertexAttrib4f (index: u32, x: f32, y: f32, z: f32, w: f32);
        vertex_attrib_i4i = glVertexAttribI4i (index: u32, x: i32, y: i32, z: i32, w: i32);
        vertex_attrib_i4ui = glVertexAttribI4ui (index: u32, x: u32, y: u32, z: u32, w: u32);
        clear_color = glClearColor (red: f32, green: f32, blue: f32, alpha: f32);
        clear_depthf = glClearDepthf (d: f32);
        clear_stencil = glClearStencil (s: i32);
        clear_bufferfi = glClearBufferfi (buffer: u32, drawbuffer: i32, depth: f32, stencil: i32);
        hint = glHint (target: u32, mode: u32);
    }
    repeated {
        blend_color = glBlendColor (red: f32, green: f32, blue: f32, alpha: f32);
        logic_op = glLogicOp (opcode: u32);
        depth_func = glDepthFunc (func: u32);
        depth_mask = glDepthMask (flag: u8);
        cull_face = glCullFace (mode: u32);
        front_face = glFrontFace (mode: u32);
        polygon_offset = glPolygonOffset (factor: f32, units: f32);
        polygon_offset_clamp = glPolygonOffsetClamp | glPolygonOffsetClampEXT
            (factor: f32, units: f32, clamp: f32);
        line_width = glLineWidth (width: f32);
        point_size = glPointSize (size: f32);
        point_parameteri = glPointParameteri (pname: u32, param: i32);
        sample_maski = glSampleMaski (mask_number: u32, mask: u32);
        min_sample_shading = glMinSampleShading | glMinSampleShadingOES | glMinSampleShadingARB
            (value: f32);
        clip_control = glClipControl | glClipControlEXT (origin: u32, depth: u32);
        provoking_vertex = glProvokingVertex (mode: u32);
        primitive_restart_index = glPrimitiveRestartIndex (index: u32);
        patch_parameteri = glPatchParameteri | glPatchParameteriOES | glPatchParameteriEXT
            (pname: u32, value: i32);
        clamp_color = glClampColor (target: u32, clamp: u32);
    }
    scalar {
        gl_enable = glEnable (cap: u32);
        gl_disable = glDisable (cap: u32);
        gl_enablei = glEnablei | glEnableiOES | glEnableiEXT (target: u32, index: u32);
        gl_disablei = glDisablei | glDisableiOES | glDisableiEXT (target: u32, index: u32);
        gl_blend_equation_separate = glBlendEquationSeparate (mode_rgb: u32, mode_alpha: u32);
        gl_blend_equation_separatei =
            glBlendEquationSeparatei |
            glBlendEquationSeparateiOES |
            glBlendEquationSeparateiEXT
            (buf: u32, mode_rgb: u32, mode_alpha: u32);
        gl_blend_equation = glBlendEquation (mode: u32);
        gl_blend_func_separate = glBlendFuncSeparate
            (sfactor_rgb: u32, dfactor_rgb: u32, sfactor_alpha: u32, dfactor_alpha: u32);
        gl_blend_func_separatei =
            glBlendFuncSeparatei |
            glBlendFuncSeparateiOES |
            glBlendFuncSeparateiEXT
            (buf: u32, src_rgb: u32, dst_rgb: u32, src_alpha: u32, dst_alpha: u32);
        gl_color_mask = glColorMask (red: u8, green: u8, blue: u8, alpha: u8);
        gl_color_maski = glColorMaski | glColorMaskiOES | glColorMaskiEXT
            (index: u32, r: u8, g: u8, b: u8, a: u8);
        gl_depth_rangef = glDepthRangef (n: f32, f: f32);
        gl_depth_range_indexed = glDepthRangeIndexed (index: u32, n: f64, f: f64);
        gl_depth_range_indexedf =
            glDepthRangeIndexedfOES |
            glDepthRangeIndexedfNV
            (index: u32, n: f32, f: f32);
        gl_viewport = glViewport (x: i32, y: i32, width: i32, height: i32);
        gl_viewport_indexedf = glViewportIndexedf | glViewportIndexedfOES | glViewportIndexedfNV
            (index: u32, x: f32, y: f32, w: f32, h: f32);
        gl_scissor = glScissor (x: i32, y: i32, width: i32, height: i32);
        gl_scissor_indexed = glScissorIndexed | glScissorIndexedOES | glScissorIndexedNV
            (index: u32, left: i32, bottom: i32, width: i32, height: i32);
        gl_active_texture = glActiveTexture (texture: u32);
        gl_attach_shader = glAttachShader (program: u32, shader: u32);
        gl_begin_conditional_render = glBeginConditionalRender | glBeginConditionalRenderNV
            (id: u32, mode: u32);
        gl_begin_query = glBeginQuery (target: u32, id: u32);
        gl_begin_query_indexed = glBeginQueryIndexed (target: u32, index: u32, id: u32);
        gl_begin_transform_feedback = glBeginTransformFeedback (primitive_mode: u32);
        gl_bind_buffer = glBindBuffer (target: u32, buffer: u32);
        gl_bind_buffer_base = glBindBufferBase (target: u32, index: u32, buffer: u32);
        gl_bind_buffer_range = glBindBufferRange
            (target: u32, index: u32, buffer: u32, offset: isize, size: isize);
        gl_bind_framebuffer = glBindFramebuffer (target: u32, framebuffer: u32);
        gl_bind_image_texture = glBindImageTexture
            (unit: u32, texture: u32, level: i32, layered: u8, layer: i32, access: u32,
             format: u32);
        gl_bind_sampler = glBindSampler (unit: u32, sampler: u32);
        gl_bind_texture = glBindTexture (target: u32, texture: u32);
        gl_bind_transform_feedback = glBindTransformFeedback (target: u32, id: u32);
        gl_bind_vertex_array = glBindVertexArray (array: u32);
        gl_bind_vertex_buffer = glBindVertexBuffer
            (bindingindex: u32, buffer: u32, offset: isize, stride: i32);
        gl_blit_framebuffer = glBlitFramebuffer
            (src_x0: i32, src_y0: i32, src_x1: i32, src_y1: i32, dst_x0: i32, dst_y0: i32,
             dst_x1: i32, dst_y1: i32, mask: u32, filter: u32);
        gl_check_framebuffer_status = glCheckFramebufferStatus (target: u32) -> u32;
        gl_copy_buffer_sub_data = glCopyBufferSubData
            (read_target: u32, write_target: u32, read_offset: isize, write_offset: isize,
             size: isize);
        gl_copy_image_sub_data =
            glCopyImageSubData |
            glCopyImageSubDataEXT |
            glCopyImageSubDataOES
            (src_name: u32, src_target: u32, src_level: i32, src_x: i32, src_y: i32, src_z: i32,
             dst_name: u32, dst_target: u32, dst_level: i32, dst_x: i32, dst_y: i32, dst_z: i32,
             src_width: i32, src_height: i32, src_depth: i32);
        gl_copy_tex_sub_image_2d = glCopyTexSubImage2D
            (target: u32, level: i32, xoffset: i32, yoffset: i32, x: i32, y: i32, width: i32,
             height: i32);
        gl_copy_tex_sub_image_3d = glCopyTexSubImage3D
            (target: u32, level: i32, xoffset: i32, yoffset: i32, zoffset: i32, x: i32, y: i32,
             width: i32, height: i32);
        gl_compile_shader = glCompileShader (shader: u32);
        gl_create_program = glCreateProgram () -> u32;
        gl_create_shader = glCreateShader (kind: u32) -> u32;
        gl_delete_program = glDeleteProgram (program: u32);
        gl_delete_shader = glDeleteShader (shader: u32);
        gl_detach_shader = glDetachShader (program: u32, shader: u32);
        gl_disable_vertex_attrib_array = glDisableVertexAttribArray (index: u32);
        gl_dispatch_compute = glDispatchCompute
            (num_groups_x: u32, num_groups_y: u32, num_groups_z: u32);
        gl_draw_arrays = glDrawArrays (mode: u32, first: i32, count: i32);
        gl_draw_arrays_instanced = glDrawArraysInstanced
            (mode: u32, first: i32, count: i32, instancecount: i32);
        gl_draw_arrays_instanced_base_instance =
            glDrawArraysInstancedBaseInstance |
            glDrawArraysInstancedBaseInstanceEXT
            (mode: u32, first: i32, count: i32, instancecount: i32, baseinstance: u32);
        gl_draw_transform_feedback = glDrawTransformFeedback | glDrawTransformFeedbackEXT
            (mode: u32, id: u32);
        gl_draw_transform_feedback_instanced =
            glDrawTransformFeedbackInstanced |
            glDrawTransformFeedbackInstancedEXT
            (mode: u32, id: u32, instancecount: i32);
        gl_draw_transform_feedback_stream = glDrawTransformFeedbackStream
            (mode: u32, id: u32, stream: u32);
        gl_draw_transform_feedback_stream_instanced = glDrawTransformFeedbackStreamInstanced
            (mode: u32, id: u32, stream: u32, instancecount: i32);
        gl_enable_vertex_attrib_array = glEnableVertexAttribArray (index: u32);
        gl_end_conditional_render = glEndConditionalRender | glEndConditionalRenderNV ();
        gl_end_query = glEndQuery (target: u32);
        gl_end_query_indexed = glEndQueryIndexed (target: u32, index: u32);
        gl_end_transform_feedback = glEndTransformFeedback ();
        gl_fence_sync = glFenceSync (condition: u32, flags: u32) -> *const c_void;
        gl_finish = glFinish ();
        gl_framebuffer_texture =
            glFramebufferTexture |
            glFramebufferTextureOES |
            glFramebufferTextureEXT
            (target: u32, attachment: u32, texture: u32, level: i32);
        gl_framebuffer_texture_1d = glFramebufferTexture1D
            (target: u32, attachment: u32, textarget: u32, texture: u32, level: i32);
        gl_framebuffer_texture_2d = glFramebufferTexture2D
            (target: u32, attachment: u32, textarget: u32, texture: u32, level: i32);
        gl_framebuffer_texture_layer = glFramebufferTextureLayer
            (target: u32, attachment: u32, texture: u32, level: i32, layer: i32);
        gl_framebuffer_parameteri = glFramebufferParameteri (target: u32, pname: u32, param: i32);
        gl_get_error = glGetError () -> u32;
        gl_get_graphics_reset_status =
            glGetGraphicsResetStatus |
            glGetGraphicsResetStatusKHR |
            glGetGraphicsResetStatusARB |
            glGetGraphicsResetStatusEXT
            () -> u32;
        gl_link_program = glLinkProgram (program: u32);
        gl_pause_transform_feedback = glPauseTransformFeedback ();
        gl_pixel_storei = glPixelStorei (pname: u32, param: i32);
        gl_program_parameteri = glProgramParameteri (program: u32, pname: u32, value: i32);
        gl_query_counter = glQueryCounter | glQueryCounterEXT (id: u32, target: u32);
        gl_read_buffer = glReadBuffer (mode: u32);
        gl_resume_transform_feedback = glResumeTransformFeedback ();
        gl_sampler_parameterf = glSamplerParameterf (sampler: u32, pname: u32, param: f32);
        gl_sampler_parameteri = glSamplerParameteri (sampler: u32, pname: u32, param: i32);
        gl_shader_storage_block_binding = glShaderStorageBlockBinding
            (program: u32, storage_block_index: u32, storage_block_binding: u32);
        gl_tex_buffer = glTexBuffer | glTexBufferOES | glTexBufferEXT
            (target: u32, internalformat: u32, buffer: u32);
        gl_tex_buffer_range = glTexBufferRange | glTexBufferRangeOES | glTexBufferRangeEXT
            (target: u32, internalformat: u32, buffer: u32, offset: isize, size: isize);
        gl_tex_parameteri = glTexParameteri (target: u32, pname: u32, param: i32);
        gl_tex_storage_1d = glTexStorage1D
            (target: u32, levels: i32, internalformat: u32, width: i32);
        gl_tex_storage_2d = glTexStorage2D
            (target: u32, levels: i32, internalformat: u32, width: i32, height: i32);
        gl_tex_storage_2d_multisample = glTexStorage2DMultisample
            (target: u32, samples: i32, internalformat: u32, width: i32, height: i32,
             fixedsamplelocations: u8);
        gl_tex_storage_3d = glTexStorage3D
            (target: u32, levels: i32, internalformat: u32, width: i32, height: i32, depth: i32);
        gl_tex_storage_3d_multisample = glTexStorage3DMultisample | glTexStorage3DMultisampleOES
            (target: u32, samples: i32, internalformat: u32, width: i32, height: i32, depth: i32,
             fixedsamplelocations: u8);
        gl_tex_image_2d_multisample = glTexImage2DMultisample
            (target: u32, samples: i32, internalformat: u32, width: i32, height: i32,
             fixedsamplelocations: u8);
        gl_tex_image_3d_multisample = glTexImage3DMultisample
            (target: u32, samples: i32, internalformat: u32, width: i32, height: i32, depth: i32,
             fixedsamplelocations: u8);
        gl_texture_view = glTextureView | glTextureViewOES | glTextureViewEXT
            (texture: u32, target: u32, origtexture: u32, internalformat: u32, minlevel: u32,
             numlevels: u32, minlayer: u32, numlayers: u32);
        gl_uniform1i = glUniform1i (location: i32, v0: i32);
        gl_uniform1ui = glUniform1ui (location: i32, v0: u32);
        gl_uniform1f = glUniform1f (location: i32, v0: f32);
        gl_uniform2f = glUniform2f (location: i32, v0: f32, v1: f32);
        gl_uniform_block_binding = glUniformBlockBinding
            (program: u32, uniform_block_index: u32, uniform_block_binding: u32);
        gl_use_program = glUseProgram (program: u32);
        gl_use_program_stages = glUseProgramStages (pipeline: u32, stages: u32, program: u32);
        gl_bind_program_pipeline = glBindProgramPipeline (pipeline: u32);
        gl_vertex_attrib_binding = glVertexAttribBinding (attribindex: u32, bindingindex: u32);
        gl_vertex_attrib_format = glVertexAttribFormat
            (attribindex: u32, size: i32, kind: u32, normalized: u8, relativeoffset: u32);
        gl_vertex_attrib_i_format = glVertexAttribIFormat
            (attribindex: u32, size: i32, kind: u32, relativeoffset: u32);
        gl_vertex_attrib_l_format = glVertexAttribLFormat
            (attribindex: u32, size: i32, kind: u32, relativeoffset: u32);
        gl_vertex_attrib_divisor = glVertexAttribDivisor (index: u32, divisor: u32);
        gl_vertex_binding_divisor = glVertexBindingDivisor (bindingindex: u32, divisor: u32);
    }
    pointer {
        gl_buffer_data = glBufferData (target: u32, size: isize, data: *const c_void, usage: u32);
        gl_clear_buffer_data = glClearBufferData
            (target: u32, internalformat: u32, format: u32, kind: u32, data: *const c_void);
        gl_clear_buffer_sub_data = glClearBufferSubData
            (target: u32, internalformat: u32, offset: isize, size: isize, format: u32,
             kind: u32, data: *const c_void);
        gl_buffer_storage = glBufferStorage | glBufferStorageEXT
            (target: u32, size: isize, data: *const c_void, flags: u32);
        gl_buffer_sub_data = glBufferSubData
            (target: u32, offset: isize, size: isize, data: *const c_void);
        gl_clear_bufferfv = glClearBufferfv (buffer: u32, drawbuffer: i32, value: *const f32);
        gl_clear_bufferiv = glClearBufferiv (buffer: u32, drawbuffer: i32, value: *const i32);
        gl_clear_bufferuiv = glClearBufferuiv (buffer: u32, drawbuffer: i32, value: *const u32);
        gl_clear_tex_image = glClearTexImage | glClearTexImageEXT
            (texture: u32, level: i32, format: u32, kind: u32, data: *const c_void);
        gl_clear_tex_sub_image = glClearTexSubImage | glClearTexSubImageEXT
            (texture: u32, level: i32, xoffset: i32, yoffset: i32, zoffset: i32, width: i32,
             height: i32, depth: i32, format: u32, kind: u32, data: *const c_void);
        gl_client_wait_sync = glClientWaitSync
            (sync: *const c_void, flags: u32, timeout: u64) -> u32;
        gl_compressed_tex_sub_image_1d = glCompressedTexSubImage1D
            (target: u32, level: i32, xoffset: i32, width: i32, format: u32, image_size: i32,
             data: *const c_void);
        gl_compressed_tex_sub_image_2d = glCompressedTexSubImage2D
            (target: u32, level: i32, xoffset: i32, yoffset: i32, width: i32, height: i32,
             format: u32, image_size: i32, data: *const c_void);
        gl_compressed_tex_sub_image_3d = glCompressedTexSubImage3D
            (target: u32, level: i32, xoffset: i32, yoffset: i32, zoffset: i32, width: i32,
             height: i32, depth: i32, format: u32, image_size: i32, data: *const c_void);
        gl_debug_message_callback =
            glDebugMessageCallback |
            glDebugMessageCallbackKHR |
            glDebugMessageCallbackARB
            (callback: Option<DebugCallback>, user_param: *const c_void);
        gl_debug_message_insert = glDebugMessageInsert | glDebugMessageInsertKHR
            (source: u32, kind: u32, id: u32, severity: u32, length: i32, buf: *const c_char);
        gl_delete_buffers = glDeleteBuffers (n: i32, buffers: *const u32);
        gl_delete_framebuffers = glDeleteFramebuffers (n: i32, framebuffers: *const u32);
        gl_delete_program_pipelines = glDeleteProgramPipelines (n: i32, pipelines: *const u32);
        gl_delete_queries = glDeleteQueries (n: i32, ids: *const u32);
        gl_delete_samplers = glDeleteSamplers (count: i32, samplers: *const u32);
        gl_delete_sync = glDeleteSync (sync: *const c_void);
        gl_delete_textures = glDeleteTextures (n: i32, textures: *const u32);
        gl_delete_transform_feedbacks = glDeleteTransformFeedbacks (n: i32, ids: *const u32);
        gl_delete_vertex_arrays = glDeleteVertexArrays (n: i32, arrays: *const u32);
        gl_dispatch_compute_indirect = glDispatchComputeIndirect (indirect: isize);
        gl_draw_arrays_indirect = glDrawArraysIndirect (mode: u32, indirect: *const c_void);
        gl_multi_draw_arrays_indirect = glMultiDrawArraysIndirect | glMultiDrawArraysIndirectEXT
            (mode: u32, indirect: *const c_void, drawcount: i32, stride: i32);
        gl_multi_draw_arrays_indirect_count =
            glMultiDrawArraysIndirectCount |
            glMultiDrawArraysIndirectCountARB
            (mode: u32, indirect: *const c_void, drawcount: isize, maxdrawcount: i32, stride: i32);
        gl_draw_buffers = glDrawBuffers (n: i32, bufs: *const u32);
        gl_draw_elements = glDrawElements
            (mode: u32, count: i32, kind: u32, indices: *const c_void);
        gl_draw_elements_base_vertex =
            glDrawElementsBaseVertex |
            glDrawElementsBaseVertexOES |
            glDrawElementsBaseVertexEXT
            (mode: u32, count: i32, kind: u32, indices: *const c_void, basevertex: i32);
        gl_draw_elements_instanced = glDrawElementsInstanced
            (mode: u32, count: i32, kind: u32, indices: *const c_void, instancecount: i32);
        gl_draw_elements_instanced_base_vertex =
            glDrawElementsInstancedBaseVertex |
            glDrawElementsInstancedBaseVertexOES |
            glDrawElementsInstancedBaseVertexEXT
            (mode: u32, count: i32, kind: u32, indices: *const c_void, instancecount: i32,
             basevertex: i32);
        gl_draw_elements_instanced_base_vertex_base_instance =
            glDrawElementsInstancedBaseVertexBaseInstance |
            glDrawElementsInstancedBaseVertexBaseInstanceEXT
            (mode: u32, count: i32, kind: u32, indices: *const c_void, instancecount: i32,
             basevertex: i32, baseinstance: u32);
        gl_draw_elements_instanced_base_instance =
            glDrawElementsInstancedBaseInstance |
            glDrawElementsInstancedBaseInstanceEXT
            (mode: u32, count: i32, kind: u32, indices: *const c_void, instancecount: i32,
             baseinstance: u32);
        gl_draw_elements_indirect = glDrawElementsIndirect
            (mode: u32, kind: u32, indirect: *const c_void);
        gl_multi_draw_elements_indirect =
            glMultiDrawElementsIndirect |
            glMultiDrawElementsIndirectEXT
            (mode: u32, kind: u32, indirect: *const c_void, drawcount: i32, stride: i32);
        gl_multi_draw_elements_indirect_count =
            glMultiDrawElementsIndirectCount |
            glMultiDrawElementsIndirectCountARB
            (mode: u32, kind: u32, indirect: *const c_void, drawcount: isize, maxdrawcount: i32,
             stride: i32);
        gl_gen_buffers = glGenBuffers (n: i32, buffers: *mut u32);
        gl_gen_framebuffers = glGenFramebuffers (n: i32, framebuffers: *mut u32);
        gl_gen_program_pipelines = glGenProgramPipelines (n: i32, pipelines: *mut u32);
        gl_gen_queries = glGenQueries (n: i32, ids: *mut u32);
        gl_gen_samplers = glGenSamplers (count: i32, samplers: *mut u32);
        gl_gen_textures = glGenTextures (n: i32, textures: *mut u32);
        gl_gen_transform_feedbacks = glGenTransformFeedbacks (n: i32, ids: *mut u32);
        gl_gen_vertex_arrays = glGenVertexArrays (n: i32, arrays: *mut u32);
        gl_get_booleanv = glGetBooleanv (pname: u32, params: *mut u8);
        gl_get_buffer_sub_data = glGetBufferSubData
            (target: u32, offset: isize, size: isize, data: *mut c_void);
        gl_get_compressed_tex_image = glGetCompressedTexImage
            (target: u32, lod: i32, img: *mut c_void);
        gl_get_compressed_texture_sub_image = glGetCompressedTextureSubImage
            (texture: u32, level: i32, xoffset: i32, yoffset: i32, zoffset: i32, width: i32,
             height: i32, depth: i32, buf_size: i32, pixels: *mut c_void);
        gl_get_floatv = glGetFloatv (pname: u32, params: *mut f32);
        gl_get_frag_data_location = glGetFragDataLocation
            (program: u32, name: *const c_char) -> i32;
        gl_get_integer64v = glGetInteger64v (pname: u32, data: *mut i64);
        gl_get_integeri_v = glGetIntegeri_v (target: u32, index: u32, data: *mut i32);
        gl_get_integerv = glGetIntegerv (pname: u32, params: *mut i32);
        gl_get_internalformativ = glGetInternalformativ
            (target: u32, internalformat: u32, pname: u32, count: i32, params: *mut i32);
        gl_get_multisamplefv = glGetMultisamplefv (pname: u32, index: u32, val: *mut f32);
        gl_get_program_info_log = glGetProgramInfoLog
            (program: u32, buf_size: i32, length: *mut i32, info_log: *mut c_char);
        gl_get_programiv = glGetProgramiv (program: u32, pname: u32, params: *mut i32);
        gl_get_query_objectiv = glGetQueryObjectiv (id: u32, pname: u32, params: *mut i32);
        gl_get_query_objectui64v = glGetQueryObjectui64v | glGetQueryObjectui64vEXT
            (id: u32, pname: u32, params: *mut u64);
        gl_get_query_objectuiv = glGetQueryObjectuiv (id: u32, pname: u32, params: *mut u32);
        gl_get_queryiv = glGetQueryiv (target: u32, pname: u32, params: *mut i32);
        gl_get_shader_info_log = glGetShaderInfoLog
            (shader: u32, buf_size: i32, length: *mut i32, info_log: *mut c_char);
        gl_get_shaderiv = glGetShaderiv (shader: u32, pname: u32, params: *mut i32);
        gl_get_string = glGetString (name: u32) -> *const u8;
        gl_get_stringi = glGetStringi (name: u32, index: u32) -> *const u8;
        gl_get_tex_image = glGetTexImage
            (target: u32, level: i32, format: u32, kind: u32, pixels: *mut c_void);
        gl_get_texture_sub_image = glGetTextureSubImage
            (texture: u32, level: i32, xoffset: i32, yoffset: i32, zoffset: i32, width: i32,
             height: i32, depth: i32, format: u32, kind: u32, buf_size: i32, pixels: *mut c_void);
        gl_get_uniform_block_index = glGetUniformBlockIndex
            (program: u32, uniform_block_name: *const c_char) -> u32;
        gl_get_uniform_location = glGetUniformLocation (program: u32, name: *const c_char) -> i32;
        gl_get_program_resource_index = glGetProgramResourceIndex
            (program: u32, program_interface: u32, name: *const c_char) -> u32;
        gl_bind_attrib_location = glBindAttribLocation
            (program: u32, index: u32, name: *const c_char);
        gl_bind_frag_data_location = glBindFragDataLocation | glBindFragDataLocationEXT
            (program: u32, color: u32, name: *const c_char);
        gl_bind_frag_data_location_indexed =
            glBindFragDataLocationIndexed |
            glBindFragDataLocationIndexedEXT
            (program: u32, color_number: u32, index: u32, name: *const c_char);
        gl_map_buffer_range = glMapBufferRange
            (target: u32, offset: isize, length: isize, access: u32) -> *mut c_void;
        gl_patch_parameterfv = glPatchParameterfv (pname: u32, values: *const f32);
        gl_polygon_stipple = glPolygonStipple (mask: *const u8);
        gl_program_binary = glProgramBinary
            (program: u32, binary_format: u32, binary: *const c_void, length: i32);
        gl_get_program_binary = glGetProgramBinary
            (program: u32, buf_size: i32, length: *mut i32, binary_format: *mut u32,
             binary: *mut c_void);
        gl_read_pixels = glReadPixels
            (x: i32, y: i32, width: i32, height: i32, format: u32, kind: u32, pixels: *mut c_void);
        gl_readn_pixels = glReadnPixels | glReadnPixelsKHR | glReadnPixelsARB | glReadnPixelsEXT
            (x: i32, y: i32, width: i32, height: i32, format: u32, kind: u32, buf_size: i32,
             data: *mut c_void);
        gl_sampler_parameter_iiv =
            glSamplerParameterIiv |
            glSamplerParameterIivOES |
            glSamplerParameterIivEXT
            (sampler: u32, pname: u32, param: *const i32);
        gl_sampler_parameter_iuiv =
            glSamplerParameterIuiv |
            glSamplerParameterIuivOES |
            glSamplerParameterIuivEXT
            (sampler: u32, pname: u32, param: *const u32);
        gl_sampler_parameterfv = glSamplerParameterfv (sampler: u32, pname: u32, param: *const f32);
        gl_shader_source = glShaderSource
            (shader: u32, count: i32, string: *const *const c_char, length: *const i32);
        gl_tex_parameteriv = glTexParameteriv (target: u32, pname: u32, params: *const i32);
        gl_tex_sub_image_1d = glTexSubImage1D
            (target: u32, level: i32, xoffset: i32, width: i32, format: u32, kind: u32,
             pixels: *const c_void);
        gl_tex_sub_image_2d = glTexSubImage2D
            (target: u32, level: i32, xoffset: i32, yoffset: i32, width: i32, height: i32,
             format: u32, kind: u32, pixels: *const c_void);
        gl_tex_sub_image_3d = glTexSubImage3D
            (target: u32, level: i32, xoffset: i32, yoffset: i32, zoffset: i32, width: i32,
             height: i32, depth: i32, format: u32, kind: u32, pixels: *const c_void);
        gl_transform_feedback_varyings = glTransformFeedbackVaryings
            (program: u32, count: i32, varyings: *const *const c_char, buffer_mode: u32);
        gl_uniform4fv = glUniform4fv (location: i32, count: i32, value: *const f32);
        gl_uniform4uiv = glUniform4uiv (location: i32, count: i32, value: *const u32);
        gl_uniform1uiv = glUniform1uiv (location: i32, count: i32, value: *const u32);
        gl_unmap_buffer = glUnmapBuffer (target: u32) -> u8;
        gl_wait_sync = glWaitSync (sync: *const c_void, flags: u32, timeout: u64);
        gl_get_synciv = glGetSynciv
            (sync: *const c_void, pname: u32, count: i32, length: *mut i32, values: *mut i32);
        gl_vertex_attrib_pointer = glVertexAttribPointer
            (index: u32, size: i32, kind: u32, normalized: u8, stride: i32, pointer: *const c_void);
        gl_vertex_attrib_i_pointer = glVertexAttribIPointer
            (index: u32, size: i32, kind: u32, stride: i32, pointer: *const c_void);
        gl_vertex_attrib_l_pointer = glVertexAttribLPointer
            (index: u32, size: i32, kind: u32, stride: i32, pointer: *const c_void);
    }
}

/// The features in [`crate::Caps`] keep this from happening: an error here is our bug.
#[cold]
fn missing<T: Absent>(name: &str) -> T {
    tracing::error!("the GL driver has no {name}, which was not to be called");
    T::VALUE
}

fn first(lookup: &dyn Fn(&CStr) -> *const c_void, names: &[&CStr]) -> *const c_void {
    let found = names.iter().map(|name| lookup(name));
    let mut found = found.skip_while(|address| address.is_null());
    found.next().unwrap_or(std::ptr::null())
}

/// `name` ends in its only zero byte.
const fn symbol(name: &'static str) -> &'static CStr {
    match CStr::from_bytes_with_nul(name.as_bytes()) {
        Ok(name) => name,
        Err(_) => c"",
    }
}

/// # Safety
/// `F` is an `Option` of a function pointer, and `address` null or a function of that type.
unsafe fn as_function<F: Copy>(address: *const c_void) -> F {
    const { assert!(size_of::<F>() == size_of::<*const c_void>()) };
    // SAFETY: of the same size, and valid by the contract.
    unsafe { std::mem::transmute_copy(&address) }
}
