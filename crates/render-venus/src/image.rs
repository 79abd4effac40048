//! `VkImage`: dma-buf images on hosts without dma-bufs are linear images on shared pages.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use host_vulkan::Object;
use vulkan_types as t;

use crate::Fatal;
use crate::device::{self, Device};
use crate::formats::{MODIFIER_LINEAR, STAGED_USAGE, is_single_plane};
use crate::objects::Held;
use crate::physical_device::{filter_chain, map_chain};
use crate::scope::Scope;
use crate::staged::{self, Linear, Staged};

/// A guest's image.
pub(crate) struct Image {
    object: Arc<Object>,
    /// The guest thinks that it has a modifier, and the host knows it as linear.
    linear_modifier: bool,
    /// The guest may exchange its memory, which therefore has to be shared pages.
    on_pages: bool,
    /// It is drawn elsewhere than where it is exchanged.
    staged: Option<Staged>,
    /// It begins in `UNDEFINED`, whatever the guest says.
    undefined: bool,
    format: t::Format,
    array_layers: u32,
}

/// What the host's image is made with.
struct HostInfo<'a> {
    info: t::ImageCreateInfo<'a>,
    linear_modifier: bool,
    on_pages: bool,
    staged: Option<Linear>,
}

impl Image {
    pub(crate) fn object(&self) -> &Arc<Object> {
        &self.object
    }

    pub(crate) fn staged(&self) -> Option<&Staged> {
        self.staged.as_ref()
    }

    /// The layout that the host has it in where the guest thinks of this one.
    pub(crate) fn host_layout(&self, guests: t::ImageLayout) -> t::ImageLayout {
        if self.undefined && guests == t::ImageLayout::PREINITIALIZED {
            t::ImageLayout::UNDEFINED
        } else {
            guests
        }
    }

    pub(crate) fn format(&self) -> t::Format {
        self.format
    }

    /// How many layers a range names; `VK_REMAINING_ARRAY_LAYERS` is all from `base` on.
    pub(crate) fn layers(&self, base: u32, count: u32) -> u32 {
        if count == u32::MAX {
            self.array_layers.saturating_sub(base)
        } else {
            count
        }
    }
}

pub(crate) fn create_image(
    s: &Scope<'_>,
    c: &t::CreateImage<'_>,
) -> Result<t::CreateImageReply, Fatal> {
    let device = device::find(s, c.device)?;
    check("vkCreateImage", c.create_info)?;
    let host = match host_info(s, &device, c.create_info) {
        Ok(host) => host,
        Err(ret) => {
            return Ok(t::CreateImageReply {
                ret,
                image: c.image,
            });
        }
    };
    let command = t::CreateImage {
        create_info: &host.info,
        ..*c
    };
    let (mut reply, mut created) = s.call_creating(&command, &[c.image])?;
    if host.on_pages && backs_nothing(&device, &created) {
        let info = host.unflagged(s);
        let command = t::CreateImage {
            create_info: &info,
            ..*c
        };
        (reply, created) = s.call_creating(&command, &[c.image])?;
    }
    if let Some(raw) = created.first().copied().filter(|raw| *raw != 0) {
        let object = Object::new(t::ObjectType::IMAGE, raw, device.host());
        let image = Image {
            object,
            linear_modifier: host.linear_modifier,
            on_pages: host.on_pages,
            staged: host.staged.map(Staged::new),
            undefined: host.info.initial_layout == t::ImageLayout::UNDEFINED,
            format: host.info.format,
            array_layers: host.info.array_layers,
        };
        s.shared
            .objects
            .insert(c.image.0, Held::Image(Arc::new(image), device))?;
    }
    Ok(reply)
}

pub(crate) fn get_device_image_memory_requirements<'a>(
    s: &Scope<'a>,
    c: &t::GetDeviceImageMemoryRequirements<'a>,
) -> Result<t::GetDeviceImageMemoryRequirementsReply<'a>, Fatal> {
    let device = device::find(s, c.device)?;
    let Some(create) = c.info.create_info else {
        return Err(Fatal::misuse(
            "vkGetDeviceImageMemoryRequirements",
            "no image is described",
        ));
    };
    check("vkGetDeviceImageMemoryRequirements", create)?;
    let host = host_info(s, &device, create).map_err(|_| {
        Fatal::misuse(
            "vkGetDeviceImageMemoryRequirements",
            "no such image can be made",
        )
    })?;
    let create_info = Some(&*s.arena.alloc(host.info));
    let info = s.arena.alloc(t::DeviceImageMemoryRequirements {
        create_info,
        ..*c.info
    });
    let mut requirements = *s
        .call(&t::GetDeviceImageMemoryRequirements { info, ..*c })?
        .memory_requirements;
    requirements.memory_requirements = match host.staged {
        Some(layout) => staged::requirements(&device, layout),
        None => masked(&device, host.on_pages, requirements.memory_requirements),
    };
    Ok(t::GetDeviceImageMemoryRequirementsReply {
        memory_requirements: s.arena.alloc(requirements),
    })
}

pub(crate) fn get_image_memory_requirements(
    s: &Scope<'_>,
    c: &t::GetImageMemoryRequirements,
) -> Result<t::GetImageMemoryRequirementsReply, Fatal> {
    let (image, device) = find(s, c.image)?;
    let mut reply = s.call(c)?;
    reply.memory_requirements = image.requirements(&device, reply.memory_requirements);
    Ok(reply)
}

pub(crate) fn get_image_memory_requirements2<'a>(
    s: &Scope<'a>,
    c: &t::GetImageMemoryRequirements2<'a>,
) -> Result<t::GetImageMemoryRequirements2Reply<'a>, Fatal> {
    let (image, device) = find(s, c.info.image)?;
    let mut requirements = *s.call(c)?.memory_requirements;
    requirements.memory_requirements =
        image.requirements(&device, requirements.memory_requirements);
    Ok(t::GetImageMemoryRequirements2Reply {
        memory_requirements: s.arena.alloc(requirements),
    })
}

pub(crate) fn get_image_subresource_layout(
    s: &Scope<'_>,
    c: &t::GetImageSubresourceLayout<'_>,
) -> Result<t::GetImageSubresourceLayoutReply, Fatal> {
    let (image, _) = find(s, c.image)?;
    if let Some(staged) = &image.staged {
        return Ok(t::GetImageSubresourceLayoutReply {
            layout: staged.layout().subresource(),
        });
    }
    let subresource = image.host_subresource(*c.subresource);
    s.call(&t::GetImageSubresourceLayout {
        subresource: &subresource,
        ..*c
    })
}

pub(crate) fn get_image_subresource_layout2<'a>(
    s: &Scope<'a>,
    c: &t::GetImageSubresourceLayout2<'a>,
) -> Result<t::GetImageSubresourceLayout2Reply<'a>, Fatal> {
    let (image, _) = find(s, c.image)?;
    if let Some(staged) = &image.staged {
        let layout = s.arena.alloc(t::SubresourceLayout2 {
            subresource_layout: staged.layout().subresource(),
            ..*c.layout
        });
        return Ok(t::GetImageSubresourceLayout2Reply { layout });
    }
    let subresource = s.arena.alloc(*c.subresource);
    subresource.image_subresource = image.host_subresource(subresource.image_subresource);
    s.call(&t::GetImageSubresourceLayout2 { subresource, ..*c })
}

pub(crate) fn get_image_drm_format_modifier_properties_ext<'a>(
    s: &Scope<'a>,
    c: &t::GetImageDrmFormatModifierPropertiesEXT<'a>,
) -> Result<t::GetImageDrmFormatModifierPropertiesEXTReply<'a>, Fatal> {
    let (image, _) = find(s, c.image)?;
    if !image.linear_modifier {
        return s.call(c);
    }
    let properties = t::ImageDrmFormatModifierPropertiesEXT {
        drm_format_modifier: MODIFIER_LINEAR,
        ..*c.properties
    };
    Ok(t::GetImageDrmFormatModifierPropertiesEXTReply {
        ret: t::VkResult::SUCCESS,
        properties: s.arena.alloc(properties),
    })
}

pub(crate) fn bind_image_memory(
    s: &Scope<'_>,
    c: &t::BindImageMemory,
) -> Result<t::BindImageMemoryReply, Fatal> {
    let (image, _) = find(s, c.image)?;
    match &image.staged {
        None => s.call(c),
        Some(staged) => {
            let ret = staged::bind(s, &image, staged, c.memory, c.memory_offset)?;
            Ok(t::BindImageMemoryReply { ret })
        }
    }
}

/// Staged images are bound one by one, the others in one call.
pub(crate) fn bind_image_memory2<'a>(
    s: &Scope<'a>,
    c: &t::BindImageMemory2<'a>,
) -> Result<t::BindImageMemory2Reply, Fatal> {
    let mut rest = Vec::new();
    for info in c.bind_infos {
        let (image, _) = find(s, info.image)?;
        match &image.staged {
            None => rest.push(*info),
            Some(staged) => {
                let ret = staged::bind(s, &image, staged, info.memory, info.memory_offset)?;
                if ret != t::VkResult::SUCCESS {
                    return Ok(t::BindImageMemory2Reply { ret });
                }
            }
        }
    }
    if rest.len() == c.bind_infos.len() {
        return s.call(c);
    }
    if rest.is_empty() {
        let ret = t::VkResult::SUCCESS;
        return Ok(t::BindImageMemory2Reply { ret });
    }
    s.call(&t::BindImageMemory2 {
        bind_info_count: rest.len() as u32,
        bind_infos: s.arena.alloc_slice_copy(&rest),
        ..*c
    })
}

impl Image {
    /// What the guest is told that its memory has to be.
    fn requirements(&self, device: &Device, host: t::MemoryRequirements) -> t::MemoryRequirements {
        match &self.staged {
            Some(staged) => staged::requirements(device, staged.layout()),
            None => masked(device, self.on_pages, host),
        }
    }

    /// A linear image has its memory plane as its only aspect. Mesa's headless swapchain asks for
    /// the format's plane instead.
    fn host_subresource(&self, subresource: t::ImageSubresource) -> t::ImageSubresource {
        let plane = t::ImageAspectFlags::MEMORY_PLANE_0_EXT | t::ImageAspectFlags::PLANE_0;
        if self.linear_modifier && plane.contains(subresource.aspect_mask) {
            return t::ImageSubresource {
                aspect_mask: t::ImageAspectFlags::COLOR,
                ..subresource
            };
        }
        subresource
    }
}

pub(crate) fn find(s: &Scope<'_>, id: t::ImageId) -> Result<(Arc<Image>, Arc<Device>), Fatal> {
    match s.shared.objects.find(t::ObjectType::IMAGE, id.0)? {
        Held::Image(image, device) => Ok((image, device)),
        _ => Err(Fatal::Unknown {
            kind: t::ObjectType::IMAGE,
            id: id.0,
        }),
    }
}

/// Some drivers say that pages can back an image, make it, and then name no memory type for it.
/// Such an image is destroyed here.
fn backs_nothing(device: &Device, created: &[u64]) -> bool {
    let Some(raw) = created.first().copied().filter(|raw| *raw != 0) else {
        return false;
    };
    let types = device.host().image_memory_types(raw);
    tracing::debug!(types, "memory types of an image on shared pages");
    if types == 0 {
        drop(Object::new(t::ObjectType::IMAGE, raw, device.host()));
    }
    types == 0
}

impl<'a> HostInfo<'a> {
    /// Makes an image with the LINEAR modifier linear, or tiled and staged.
    fn untile(&mut self, device: &Device) -> Result<(), t::VkResult> {
        const BAD: t::VkResult = t::VkResult::ERROR_INVALID_DRM_FORMAT_MODIFIER_PLANE_LAYOUT_EXT;
        if !asks_for_linear(&self.info) || !is_single_plane(self.info.format) {
            return Err(BAD);
        }
        self.linear_modifier = true;
        self.info.tiling = t::ImageTiling::LINEAR;
        if device.physical().stages_images() {
            self.staged = Some(Linear::of(&self.info).ok_or(BAD)?);
            self.info.tiling = t::ImageTiling::OPTIMAL;
            self.info.usage = self.info.usage | STAGED_USAGE;
        }
        Ok(())
    }

    /// The same image, with nothing said about what may back it.
    fn unflagged(&self, s: &Scope<'a>) -> t::ImageCreateInfo<'a> {
        let next = filter_chain(s, self.info.next, |link| {
            !matches!(link, t::Extension::ExternalMemoryImageCreateInfo(_))
        });
        t::ImageCreateInfo { next, ..self.info }
    }
}

/// Pages only, where the guest may exchange the memory.
fn masked(
    device: &Device,
    on_pages: bool,
    requirements: t::MemoryRequirements,
) -> t::MemoryRequirements {
    if !on_pages {
        return requirements;
    }
    let host = requirements.memory_type_bits;
    t::MemoryRequirements {
        memory_type_bits: device.physical().page_types(host),
        ..requirements
    }
}

pub(crate) fn get_device_image_sparse_memory_requirements<'a>(
    s: &Scope<'a>,
    c: &t::GetDeviceImageSparseMemoryRequirements<'a>,
) -> Result<t::GetDeviceImageSparseMemoryRequirementsReply<'a>, Fatal> {
    check_described(
        "vkGetDeviceImageSparseMemoryRequirements",
        c.info.create_info,
    )?;
    s.call(c)
}

pub(crate) fn get_device_image_subresource_layout<'a>(
    s: &Scope<'a>,
    c: &t::GetDeviceImageSubresourceLayout<'a>,
) -> Result<t::GetDeviceImageSubresourceLayoutReply<'a>, Fatal> {
    check_described("vkGetDeviceImageSubresourceLayout", c.info.create_info)?;
    s.call(c)
}

fn check_described(
    command: &'static str,
    info: Option<&t::ImageCreateInfo<'_>>,
) -> Result<(), Fatal> {
    info.map_or(
        Err(Fatal::misuse(command, "no image is described")),
        |info| check(command, info),
    )
}

/// What drivers size their tables by without a look ("VkImageCreateInfo").
fn check(command: &'static str, info: &t::ImageCreateInfo<'_>) -> Result<(), Fatal> {
    let t::Extent3D {
        width,
        height,
        depth,
    } = info.extent;
    let largest = width.max(height).max(depth);
    let levels = largest.checked_ilog2().map_or(0, |log| log + 1);
    if width.min(height).min(depth) == 0
        || info.array_layers == 0
        || info.samples.0.count_ones() != 1
    {
        return Err(Fatal::misuse(
            command,
            "an image without extent, layers or samples",
        ));
    }
    if !(1..=levels).contains(&info.mip_levels) {
        return Err(Fatal::misuse(
            command,
            "mip levels that the extent does not have",
        ));
    }
    Ok(())
}

/// Translates modifiers to linear tiling and dma-bufs to imported pages; says with which
/// error code when that cannot be.
fn host_info<'a>(
    s: &Scope<'a>,
    device: &Device,
    info: &t::ImageCreateInfo<'a>,
) -> Result<HostInfo<'a>, t::VkResult> {
    use t::Extension as E;
    let physical = device.physical();
    let mut host = HostInfo {
        info: *info,
        linear_modifier: false,
        on_pages: false,
        staged: None,
    };
    if physical.emulates_dma_buf() {
        if info.tiling == t::ImageTiling::DRM_FORMAT_MODIFIER_EXT {
            host.untile(device)?;
        }
        let dma_buf = t::ExternalMemoryHandleTypeFlags::DMA_BUF_EXT;
        let exchanged = info
            .next
            .find::<t::ExternalMemoryImageCreateInfo<'_>>()
            .is_some_and(|e| e.handle_types.contains(dma_buf));
        host.on_pages = host.staged.is_none() && (host.linear_modifier || exchanged);
        host.info.next = filter_chain(s, host.info.next, |link| {
            !matches!(
                link,
                E::ImageDrmFormatModifierListCreateInfoEXT(_)
                    | E::ImageDrmFormatModifierExplicitCreateInfoEXT(_)
            )
        });
    }
    if !is_possible(s, device, &host.info) {
        return Err(t::VkResult::ERROR_FORMAT_NOT_SUPPORTED);
    }
    host.info.next = if host.on_pages && physical.host().imports_images(&host.info)
        || pages_back_images(device, &host.info)
    {
        // An image that says so begins in no other layout.
        host.info.initial_layout = t::ImageLayout::UNDEFINED;
        flagged(s, host.info.next)
    } else if physical.emulates_dma_buf() {
        filter_chain(s, host.info.next, |link| {
            !matches!(link, E::ExternalMemoryImageCreateInfo(_))
        })
    } else {
        host.info.next
    };
    Ok(host)
}

/// Drivers take a guest's word that it has asked whether they can make such an image, and what
/// comes of one that they cannot may stop a GPU for all. The answer for modifiers of the host's
/// own hangs on more than the image.
fn is_possible(s: &Scope<'_>, device: &Device, info: &t::ImageCreateInfo<'_>) -> bool {
    let possible = info.tiling == t::ImageTiling::DRM_FORMAT_MODIFIER_EXT
        || device.physical().host().supports_image(info);
    if !possible && !s.shared.refused_image.swap(true, Ordering::Relaxed) {
        // The guest's driver does not wait for this answer, and goes on to use the image.
        tracing::warn!(
            context = s.shared.life.id().0,
            "vkCreateImage: the device makes no image of format {}, type {}, tiling {}, usage {:#x}, \
             flags {:#x}, {} x {} x {}, {} levels, {} layers, samples {}: refused",
            info.format.0,
            info.image_type.0,
            info.tiling.0,
            info.usage.0,
            info.flags.0,
            info.extent.width,
            info.extent.height,
            info.extent.depth,
            info.mip_levels,
            info.array_layers,
            info.samples.0,
        );
    }
    possible
}

/// Where all memory is imported pages, an image has to say that they may back it, if that
/// kind of image can ("VkExternalMemoryImageCreateInfo").
fn pages_back_images(device: &Device, info: &t::ImageCreateInfo<'_>) -> bool {
    let host = device.physical().host();
    // Such an image begins in UNDEFINED, which a processor's driver leaves the texels alone in;
    // other drivers need not, and nobody has written those of a tiled image.
    let begins = info.initial_layout == t::ImageLayout::UNDEFINED
        || info.tiling == t::ImageTiling::OPTIMAL
        || host.properties().device_type == t::PhysicalDeviceType::CPU;
    if !begins
        || !host.ladder().all_host_pointer()
        || info.tiling == t::ImageTiling::DRM_FORMAT_MODIFIER_EXT
        || info
            .next
            .find::<t::ExternalMemoryImageCreateInfo<'_>>()
            .is_some_and(|e| e.handle_types.0 != 0)
    {
        return false;
    }
    host.imports_images(info)
}

fn flagged<'a>(s: &Scope<'a>, chain: t::Chain<'a>) -> t::Chain<'a> {
    let handle_types = t::ExternalMemoryHandleTypeFlags::HOST_ALLOCATION_EXT;
    let external = t::ExternalMemoryImageCreateInfo {
        handle_types,
        ..Default::default()
    };
    let external = t::Extension::ExternalMemoryImageCreateInfo(s.arena.alloc(external));
    if chain
        .find::<t::ExternalMemoryImageCreateInfo<'_>>()
        .is_some()
    {
        return map_chain(s, chain, |link| match link {
            t::Extension::ExternalMemoryImageCreateInfo(_) => external,
            other => other,
        });
    }
    let mut links = vec![external];
    links.extend_from_slice(chain.0);
    t::Chain(s.arena.alloc_slice_copy(&links))
}

fn asks_for_linear(info: &t::ImageCreateInfo<'_>) -> bool {
    if let Some(list) = info
        .next
        .find::<t::ImageDrmFormatModifierListCreateInfoEXT<'_>>()
    {
        return list.drm_format_modifiers.contains(&MODIFIER_LINEAR);
    }
    info.next
        .find::<t::ImageDrmFormatModifierExplicitCreateInfoEXT<'_>>()
        .is_some_and(|explicit| {
            explicit.drm_format_modifier == MODIFIER_LINEAR && explicit.plane_layouts.len() == 1
        })
}
