//! What a scene asks of a device, and whether the device has it.

use std::ffi::CStr;

use ash::vk;

use crate::error::{Error, Result};

/// Where a group of features comes from.
#[derive(Clone, Copy)]
enum Origin {
    /// Core Vulkan of this version.
    Version(u32),
    /// A device extension.
    Extension(&'static CStr),
}

macro_rules! feature_groups {
    ($($group:ident: $type:ident from $origin:expr;)*) => {
        /// The feature structures that a scene may ask for; `None` is not chained.
        #[derive(Default)]
        pub(crate) struct Features {
            /// The features of Vulkan 1.0.
            pub(crate) core: vk::PhysicalDeviceFeatures,
            $(pub(crate) $group: Option<Box<vk::$type<'static>>>,)*
        }

        impl Features {
            /// The same groups with no bit set, to be filled in by the device.
            fn blank(&self) -> Self {
                Self {
                    core: vk::PhysicalDeviceFeatures::default(),
                    $($group: self.$group.as_ref().map(|_| Box::default()),)*
                }
            }

            /// Links the chosen groups; the chain is valid while `self` is not moved from.
            pub(crate) fn chain(&mut self) -> vk::PhysicalDeviceFeatures2<'_> {
                let mut head = vk::PhysicalDeviceFeatures2::default().features(self.core);
                $(if let Some(group) = &mut self.$group {
                    group.p_next = head.p_next;
                    head.p_next = std::ptr::from_mut(group.as_mut()).cast();
                })*
                head
            }

            /// Where the chosen groups come from.
            fn origins(&self) -> Vec<Origin> {
                let mut origins = Vec::new();
                $(if self.$group.is_some() { origins.push($origin); })*
                origins
            }
        }
    };
}

feature_groups! {
    vk11: PhysicalDeviceVulkan11Features from Origin::Version(vk::API_VERSION_1_2);
    vk12: PhysicalDeviceVulkan12Features from Origin::Version(vk::API_VERSION_1_2);
    vk13: PhysicalDeviceVulkan13Features from Origin::Version(vk::API_VERSION_1_3);
    acceleration_structure: PhysicalDeviceAccelerationStructureFeaturesKHR
        from Origin::Extension(ash::khr::acceleration_structure::NAME);
    border_colour: PhysicalDeviceCustomBorderColorFeaturesEXT
        from Origin::Extension(ash::ext::custom_border_color::NAME);
    conditional: PhysicalDeviceConditionalRenderingFeaturesEXT
        from Origin::Extension(ash::ext::conditional_rendering::NAME);
    host_image_copy: PhysicalDeviceHostImageCopyFeaturesEXT
        from Origin::Extension(ash::ext::host_image_copy::NAME);
    mesh: PhysicalDeviceMeshShaderFeaturesEXT
        from Origin::Extension(ash::ext::mesh_shader::NAME);
    pipeline_library: PhysicalDeviceGraphicsPipelineLibraryFeaturesEXT
        from Origin::Extension(ash::ext::graphics_pipeline_library::NAME);
    ray_query: PhysicalDeviceRayQueryFeaturesKHR
        from Origin::Extension(ash::khr::ray_query::NAME);
    ray_tracing: PhysicalDeviceRayTracingPipelineFeaturesKHR
        from Origin::Extension(ash::khr::ray_tracing_pipeline::NAME);
    robustness2: PhysicalDeviceRobustness2FeaturesEXT
        from Origin::Extension(ash::ext::robustness2::NAME);
    shader_object: PhysicalDeviceShaderObjectFeaturesEXT
        from Origin::Extension(ash::ext::shader_object::NAME);
    transform_feedback: PhysicalDeviceTransformFeedbackFeaturesEXT
        from Origin::Extension(ash::ext::transform_feedback::NAME);
    vertex_divisor: PhysicalDeviceVertexAttributeDivisorFeaturesEXT
        from Origin::Extension(ash::ext::vertex_attribute_divisor::NAME);
}

/// One feature bit: its name, and where to read it.
type Check = (&'static str, fn(&Features) -> bool);

/// What one scene asks of the device.
pub(crate) struct Needs {
    /// The lowest device version.
    version: u32,
    extensions: Vec<&'static CStr>,
    /// The features to enable.
    pub(crate) features: Features,
    checks: Vec<Check>,
    /// Whether to open one queue of each family, not only one graphics queue.
    pub(crate) every_family: bool,
}

impl Default for Needs {
    fn default() -> Self {
        Self {
            version: vk::API_VERSION_1_1,
            extensions: Vec::new(),
            features: Features::default(),
            checks: Vec::new(),
            every_family: false,
        }
    }
}

impl Needs {
    /// Asks for a device extension.
    pub(crate) fn extension(&mut self, name: &'static CStr) {
        if !self.extensions.contains(&name) {
            self.extensions.push(name);
        }
    }

    /// Asks for a device version.
    pub(crate) fn version(&mut self, version: u32) {
        self.version = self.version.max(version);
    }

    /// Remembers a feature bit to check: see [`need!`](crate::gpu::need).
    pub(crate) fn check(&mut self, name: &'static str, bit: fn(&Features) -> bool) {
        self.checks.push((name, bit));
    }

    /// The extensions asked for.
    pub(crate) fn extensions(&self) -> &[&'static CStr] {
        &self.extensions
    }

    /// Compares with what the device has.
    ///
    /// # Errors
    ///
    /// [`Error::Unsupported`] names the first thing that is missing.
    pub(crate) fn met_by(
        &mut self,
        version: u32,
        extensions: &[vk::ExtensionProperties],
        query: impl FnOnce(&mut vk::PhysicalDeviceFeatures2<'_>),
    ) -> Result<()> {
        for origin in self.features.origins() {
            match origin {
                Origin::Version(version) => self.version(version),
                Origin::Extension(name) => self.extension(name),
            }
        }
        if version < self.version {
            return Err(Error::Unsupported(format!(
                "Vulkan {}.{}",
                vk::api_version_major(self.version),
                vk::api_version_minor(self.version)
            )));
        }
        for name in &self.extensions {
            let has = |e: &vk::ExtensionProperties| e.extension_name_as_c_str() == Ok(*name);
            if !extensions.iter().any(has) {
                return Err(Error::Unsupported(name.to_string_lossy().into_owned()));
            }
        }
        let mut has = self.features.blank();
        let mut chain = has.chain();
        query(&mut chain);
        has.core = chain.features;
        match self.checks.iter().find(|(_, bit)| !bit(&has)) {
            Some((name, _)) => Err(Error::Unsupported((*name).to_owned())),
            None => Ok(()),
        }
    }
}

/// Asks for feature bits: `need!(needs, core.sample_rate_shading, vk12.timeline_semaphore)`.
macro_rules! need {
    ($needs:expr $(, $group:ident.$bit:ident)+ $(,)?) => {
        $($crate::gpu::need!(@one $needs, $group, $bit);)+
    };
    (@one $needs:expr, core, $bit:ident) => {
        $needs.features.core.$bit = ash::vk::TRUE;
        $needs.check(stringify!($bit), |f| f.core.$bit == ash::vk::TRUE);
    };
    (@one $needs:expr, $group:ident, $bit:ident) => {
        $needs.features.$group.get_or_insert_default().$bit = ash::vk::TRUE;
        $needs.check(stringify!($bit), |f| {
            f.$group.as_ref().is_some_and(|group| group.$bit == ash::vk::TRUE)
        });
    };
}
pub(crate) use need;
