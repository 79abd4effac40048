//! Descriptor sets, each with a pool of its own.

use ash::vk;

use crate::error::{Named as _, Result};
use crate::gpu::{Buffer, Gpu, Owned};

/// One binding of a set layout.
#[derive(Clone, Copy)]
pub(crate) struct Binding<'a> {
    pub(crate) kind: vk::DescriptorType,
    pub(crate) count: u32,
    pub(crate) stages: vk::ShaderStageFlags,
    pub(crate) flags: vk::DescriptorBindingFlags,
    pub(crate) immutable: &'a [vk::Sampler],
}

impl Binding<'_> {
    /// One descriptor of a kind for all stages.
    pub(crate) fn of(kind: vk::DescriptorType) -> Self {
        Self {
            kind,
            count: 1,
            stages: vk::ShaderStageFlags::ALL,
            flags: vk::DescriptorBindingFlags::empty(),
            immutable: &[],
        }
    }

    /// An array of them.
    pub(crate) fn times(self, count: u32) -> Self {
        Self { count, ..self }
    }
}

/// A descriptor set, its layout and its pool.
pub(crate) struct DescriptorSet {
    pub(crate) raw: vk::DescriptorSet,
    pub(crate) layout: Owned<vk::DescriptorSetLayout>,
    // The set goes with its pool.
    _pool: Owned<vk::DescriptorPool>,
}

impl Gpu {
    /// Makes a set layout; the bindings are numbered from 0.
    pub(crate) fn set_layout(
        &self,
        bindings: &[Binding<'_>],
        flags: vk::DescriptorSetLayoutCreateFlags,
    ) -> Result<Owned<vk::DescriptorSetLayout>> {
        let raw = |(number, binding): (u32, &Binding<'_>)| vk::DescriptorSetLayoutBinding {
            binding: number,
            descriptor_type: binding.kind,
            descriptor_count: binding.count,
            stage_flags: binding.stages,
            p_immutable_samplers: match binding.immutable {
                [] => std::ptr::null(),
                samplers => samplers.as_ptr(),
            },
            ..Default::default()
        };
        let raw: Vec<_> = (0..).zip(bindings).map(raw).collect();
        let binding_flags: Vec<_> = bindings.iter().map(|b| b.flags).collect();
        let mut chained =
            vk::DescriptorSetLayoutBindingFlagsCreateInfo::default().binding_flags(&binding_flags);
        let mut info = vk::DescriptorSetLayoutCreateInfo::default()
            .flags(flags)
            .bindings(&raw);
        if binding_flags.iter().any(|flags| !flags.is_empty()) {
            info = info.push_next(&mut chained);
        }
        self.create_descriptor_set_layout(&info)
    }

    /// Makes a set with these bindings, to be written before its use.
    pub(crate) fn descriptors(&self, bindings: &[Binding<'_>]) -> Result<DescriptorSet> {
        let layout = self.set_layout(bindings, vk::DescriptorSetLayoutCreateFlags::empty())?;
        self.descriptors_in(
            layout,
            bindings,
            vk::DescriptorPoolCreateFlags::empty(),
            None,
        )
    }

    /// Makes a set of a layout; `variable` is the length of its last binding where that varies.
    pub(crate) fn descriptors_in(
        &self,
        layout: Owned<vk::DescriptorSetLayout>,
        bindings: &[Binding<'_>],
        flags: vk::DescriptorPoolCreateFlags,
        variable: Option<u32>,
    ) -> Result<DescriptorSet> {
        let size = |b: &Binding<'_>| vk::DescriptorPoolSize {
            ty: b.kind,
            descriptor_count: b.count,
        };
        let sizes: Vec<_> = bindings.iter().map(size).collect();
        let inline = |b: &&Binding<'_>| b.kind == vk::DescriptorType::INLINE_UNIFORM_BLOCK;
        let blocks = bindings.iter().filter(inline).count() as u32;
        let mut inline = vk::DescriptorPoolInlineUniformBlockCreateInfo::default()
            .max_inline_uniform_block_bindings(blocks);
        let mut info = vk::DescriptorPoolCreateInfo::default()
            .flags(flags)
            .max_sets(1)
            .pool_sizes(&sizes);
        if blocks > 0 {
            info = info.push_next(&mut inline);
        }
        let pool = self.create_descriptor_pool(&info)?;
        let raw = self.allocate_set(*pool, *layout, variable)?;
        Ok(DescriptorSet {
            raw,
            layout,
            _pool: pool,
        })
    }

    /// Allocates a set, which goes with its pool.
    pub(crate) fn allocate_set(
        &self,
        pool: vk::DescriptorPool,
        layout: vk::DescriptorSetLayout,
        variable: Option<u32>,
    ) -> Result<vk::DescriptorSet> {
        let (layouts, counts) = ([layout], [variable.unwrap_or_default()]);
        let mut variable_info = vk::DescriptorSetVariableDescriptorCountAllocateInfo::default()
            .descriptor_counts(&counts);
        let mut info = vk::DescriptorSetAllocateInfo::default()
            .descriptor_pool(pool)
            .set_layouts(&layouts);
        if variable.is_some() {
            info = info.push_next(&mut variable_info);
        }
        // SAFETY: pool and layout are this device's own.
        let sets = unsafe { self.raw.allocate_descriptor_sets(&info) };
        Ok(sets.named("vkAllocateDescriptorSets")?[0])
    }

    /// Writes and copies descriptors.
    pub(crate) fn update_sets(
        &self,
        writes: &[vk::WriteDescriptorSet<'_>],
        copies: &[vk::CopyDescriptorSet<'_>],
    ) {
        // SAFETY: no command that is being executed uses the sets, or they allow updates.
        unsafe { self.raw.update_descriptor_sets(writes, copies) };
    }
}

impl DescriptorSet {
    /// Points a binding to a whole buffer.
    pub(crate) fn buffer(&self, binding: u32, kind: vk::DescriptorType, buffer: &Buffer) -> &Self {
        self.buffer_range(binding, kind, buffer, 0, vk::WHOLE_SIZE)
    }

    /// Points a binding to some of a buffer.
    pub(crate) fn buffer_range(
        &self,
        binding: u32,
        kind: vk::DescriptorType,
        buffer: &Buffer,
        offset: u64,
        range: u64,
    ) -> &Self {
        let info = [vk::DescriptorBufferInfo {
            buffer: *buffer.raw,
            offset,
            range,
        }];
        self.write(self.at(binding, 0, kind).buffer_info(&info))
    }

    /// Points a binding to an image to be sampled, with a sampler where the kind has one.
    pub(crate) fn image(
        &self,
        binding: u32,
        kind: vk::DescriptorType,
        view: vk::ImageView,
        sampler: vk::Sampler,
    ) -> &Self {
        self.image_at(binding, 0, kind, view, sampler)
    }

    /// Like [`Self::image`] for one element of an array.
    pub(crate) fn image_at(
        &self,
        binding: u32,
        element: u32,
        kind: vk::DescriptorType,
        view: vk::ImageView,
        sampler: vk::Sampler,
    ) -> &Self {
        let image_layout = match kind {
            vk::DescriptorType::STORAGE_IMAGE => vk::ImageLayout::GENERAL,
            _ => vk::ImageLayout::SHADER_READ_ONLY_OPTIMAL,
        };
        let info = [vk::DescriptorImageInfo {
            sampler,
            image_view: view,
            image_layout,
        }];
        self.write(self.at(binding, element, kind).image_info(&info))
    }

    /// The start of a write to one element of a binding.
    pub(crate) fn at(
        &self,
        binding: u32,
        element: u32,
        kind: vk::DescriptorType,
    ) -> vk::WriteDescriptorSet<'static> {
        vk::WriteDescriptorSet::default()
            .dst_set(self.raw)
            .dst_binding(binding)
            .dst_array_element(element)
            .descriptor_type(kind)
    }

    /// Does one write.
    pub(crate) fn write(&self, write: vk::WriteDescriptorSet<'_>) -> &Self {
        self.layout.gpu().update_sets(&[write], &[]);
        self
    }
}

impl Gpu {
    /// Makes a sampler that clamps to the edge, with one filter for everything.
    pub(crate) fn sampler(&self, filter: vk::Filter) -> Result<Owned<vk::Sampler>> {
        self.create_sampler(&sampler_info(filter))
    }
}

/// A sampler that clamps to the edge, with one filter for everything.
pub(crate) fn sampler_info(filter: vk::Filter) -> vk::SamplerCreateInfo<'static> {
    let mip = match filter {
        vk::Filter::NEAREST => vk::SamplerMipmapMode::NEAREST,
        _ => vk::SamplerMipmapMode::LINEAR,
    };
    vk::SamplerCreateInfo::default()
        .mag_filter(filter)
        .min_filter(filter)
        .mipmap_mode(mip)
        .address_mode_u(vk::SamplerAddressMode::CLAMP_TO_EDGE)
        .address_mode_v(vk::SamplerAddressMode::CLAMP_TO_EDGE)
        .address_mode_w(vk::SamplerAddressMode::CLAMP_TO_EDGE)
        .max_lod(vk::LOD_CLAMP_NONE)
}
