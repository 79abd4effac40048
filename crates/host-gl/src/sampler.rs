use crate::garbage::Dead;
use crate::object::Handle;
use crate::{Current, enums as gl};

/// How textures are sampled.
#[derive(Debug)]
pub struct Sampler {
    handle: Handle,
}

impl Current<'_> {
    /// Makes a sampler with GL's defaults.
    pub fn create_sampler(&self) -> Sampler {
        let mut name = 0;
        // SAFETY: room for one name.
        unsafe { self.gl_gen_samplers(1, &mut name) };
        Sampler {
            handle: Handle::new(name, Dead::Sampler, self.shared_owner()),
        }
    }

    /// Binds a sampler to a unit, or takes away the one there.
    pub fn bind_sampler(&self, unit: u32, sampler: Option<&Sampler>) {
        let id = sampler.map_or(0, |sampler| sampler.handle.id());
        if self.context.kept.bound.sampler(unit, id) {
            let name = sampler.map_or(0, |sampler| self.name(&sampler.handle));
            self.gl_bind_sampler(unit, name);
        }
    }

    /// Sets `GL_TEXTURE_WRAP_S` and its like.
    pub fn sampler_parameter(&self, sampler: &Sampler, name: u32, value: u32) {
        let value = i32::try_from(value).unwrap_or(i32::MAX);
        self.gl_sampler_parameteri(self.name(&sampler.handle), name, value);
    }

    /// Sets `GL_TEXTURE_MIN_LOD` and its like.
    pub fn sampler_parameter_float(&self, sampler: &Sampler, name: u32, value: f32) {
        self.gl_sampler_parameterf(self.name(&sampler.handle), name, value);
    }

    /// Sets the border's colour: of floats, or, for integer textures, of integers.
    pub fn sampler_border(&self, sampler: &Sampler, color: [u32; 4], is_integer: bool) {
        let name = self.name(&sampler.handle);
        let floats = color.map(f32::from_bits);
        // SAFETY: of both: a colour is four numbers.
        unsafe {
            match is_integer {
                true => {
                    self.gl_sampler_parameter_iuiv(name, gl::TEXTURE_BORDER_COLOR, color.as_ptr())
                }
                false => {
                    self.gl_sampler_parameterfv(name, gl::TEXTURE_BORDER_COLOR, floats.as_ptr())
                }
            }
        }
    }
}
