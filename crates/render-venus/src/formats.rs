//! What formats and images of a physical device can do, with the LINEAR modifier where it is
//! provided in the host's place.

use vulkan_types as t;

use crate::Fatal;
use crate::physical_device::{PhysicalDevice, filter_chain, find, map_chain, shareable};
use crate::scope::Scope;

/// `DRM_FORMAT_MOD_LINEAR` (Linux `include/uapi/drm/drm_fourcc.h`).
pub(crate) const MODIFIER_LINEAR: u64 = 0;

/// What a staged image is used for besides.
pub(crate) const STAGED_USAGE: t::ImageUsageFlags =
    t::ImageUsageFlags(t::ImageUsageFlags::TRANSFER_SRC.0 | t::ImageUsageFlags::TRANSFER_DST.0);

pub(crate) fn get_physical_device_format_properties2<'a>(
    s: &Scope<'a>,
    c: &t::GetPhysicalDeviceFormatProperties2<'a>,
) -> Result<t::GetPhysicalDeviceFormatProperties2Reply<'a>, Fatal> {
    use t::Extension as E;
    let device = find(s, c.physical_device)?;
    if !device.emulates_dma_buf() {
        return s.call(c);
    }
    // The driver is asked without modifiers, of which it may have its own.
    let next = without_modifiers(s, c.format_properties.next);
    let room = s.arena.alloc(t::FormatProperties2 {
        next,
        ..*c.format_properties
    });
    let reply = *s
        .call(&t::GetPhysicalDeviceFormatProperties2 {
            format_properties: room,
            ..*c
        })?
        .format_properties;
    let features = modifier_features(&device, c.format, &reply);
    let features2 = t::FormatFeatureFlags2(match reply.next.find::<t::FormatProperties3<'_>>() {
        Some(known) if device.stages_images() && features.0 != 0 => known.optimal_tiling_features.0,
        Some(known) if !device.stages_images() => known.linear_tiling_features.0,
        _ => features.0.into(),
    });
    let offered = features2.0 != 0 && is_single_plane(c.format);
    let next = map_chain(s, c.format_properties.next, |link| match link {
        E::DrmFormatModifierPropertiesListEXT(list) => {
            let linear = t::DrmFormatModifierPropertiesEXT {
                drm_format_modifier: MODIFIER_LINEAR,
                drm_format_modifier_plane_count: 1,
                drm_format_modifier_tiling_features: features,
            };
            let (count, filled) =
                modifiers(s, list.drm_format_modifier_properties, linear, offered);
            E::DrmFormatModifierPropertiesListEXT(s.arena.alloc(
                t::DrmFormatModifierPropertiesListEXT {
                    next: list.next,
                    drm_format_modifier_count: count,
                    drm_format_modifier_properties: filled,
                },
            ))
        }
        E::DrmFormatModifierPropertiesList2EXT(list) => {
            let linear = t::DrmFormatModifierProperties2EXT {
                drm_format_modifier: MODIFIER_LINEAR,
                drm_format_modifier_plane_count: 1,
                drm_format_modifier_tiling_features: features2,
            };
            let (count, filled) =
                modifiers(s, list.drm_format_modifier_properties, linear, offered);
            E::DrmFormatModifierPropertiesList2EXT(s.arena.alloc(
                t::DrmFormatModifierPropertiesList2EXT {
                    next: list.next,
                    drm_format_modifier_count: count,
                    drm_format_modifier_properties: filled,
                },
            ))
        }
        other => same_in(reply.next, other),
    });
    Ok(t::GetPhysicalDeviceFormatProperties2Reply {
        format_properties: s.arena.alloc(t::FormatProperties2 { next, ..reply }),
    })
}

/// What images with the LINEAR modifier can do: what linear ones can, or, where they are staged,
/// what tiled ones can that are copied.
fn modifier_features(
    device: &PhysicalDevice,
    format: t::Format,
    host: &t::FormatProperties2<'_>,
) -> t::FormatFeatureFlags {
    let properties = host.format_properties;
    if !device.stages_images() {
        return properties.linear_tiling_features;
    }
    let copied = t::FormatFeatureFlags::TRANSFER_SRC | t::FormatFeatureFlags::TRANSFER_DST;
    let block = format.block_of(t::ImageAspectFlags::COLOR);
    let staged = block.is_some_and(|block| block.extent == [1; 3])
        && properties.optimal_tiling_features.contains(copied);
    if staged {
        properties.optimal_tiling_features
    } else {
        t::FormatFeatureFlags::default()
    }
}

pub(crate) fn get_physical_device_image_format_properties2<'a>(
    s: &Scope<'a>,
    c: &t::GetPhysicalDeviceImageFormatProperties2<'a>,
) -> Result<t::GetPhysicalDeviceImageFormatProperties2Reply<'a>, Fatal> {
    let device = find(s, c.physical_device)?;
    if !device.emulates_dma_buf() {
        return s.call(c);
    }
    let Some(question) = Question::of(s, &device, c) else {
        return Ok(t::GetPhysicalDeviceImageFormatProperties2Reply {
            ret: t::VkResult::ERROR_FORMAT_NOT_SUPPORTED,
            image_format_properties: c.image_format_properties,
        });
    };
    let mut reply = s.call(&t::GetPhysicalDeviceImageFormatProperties2 {
        image_format_info: question.info,
        image_format_properties: question.room,
        ..*c
    })?;
    if reply.ret == t::VkResult::SUCCESS {
        reply.image_format_properties = question.answer(
            s,
            c.image_format_properties.next,
            reply.image_format_properties,
        );
    }
    Ok(reply)
}

/// What the driver is asked in the place of what the guest asks.
struct Question<'a> {
    info: &'a t::PhysicalDeviceImageFormatInfo2<'a>,
    room: &'a t::ImageFormatProperties2<'a>,
    dma_buf: bool,
    staged: bool,
}

impl<'a> Question<'a> {
    /// None where the answer is that there is no such image.
    fn of(
        s: &Scope<'a>,
        device: &PhysicalDevice,
        c: &t::GetPhysicalDeviceImageFormatProperties2<'a>,
    ) -> Option<Self> {
        use t::Extension as E;
        const DMA_BUF: t::ExternalMemoryHandleTypeFlags =
            t::ExternalMemoryHandleTypeFlags::DMA_BUF_EXT;
        let info = s.arena.alloc(*c.image_format_info);
        let kind = info
            .next
            .find::<t::PhysicalDeviceExternalImageFormatInfo<'_>>()
            .map_or_else(Default::default, |external| external.handle_type);
        if kind.0 != 0 && kind != DMA_BUF {
            return None;
        }
        let modifier = info.tiling == t::ImageTiling::DRM_FORMAT_MODIFIER_EXT;
        let staged = modifier && device.stages_images();
        if modifier {
            let linear = info
                .next
                .find::<t::PhysicalDeviceImageDrmFormatModifierInfoEXT<'_>>()
                .is_some_and(|asked| asked.drm_format_modifier == MODIFIER_LINEAR);
            if !linear || !is_single_plane(info.format) {
                return None;
            }
            info.tiling = t::ImageTiling::LINEAR;
        }
        if staged {
            if info.type_ != t::ImageType::_2D {
                return None;
            }
            info.tiling = t::ImageTiling::OPTIMAL;
            info.usage = info.usage | STAGED_USAGE;
        }
        // Pages back the image in the place of dma-bufs; nothing of others' backs a staged one.
        info.next = map_chain(s, info.next, |link| match link {
            E::PhysicalDeviceExternalImageFormatInfo(external) if kind == DMA_BUF => {
                let handle_type = t::ExternalMemoryHandleTypeFlags::HOST_ALLOCATION_EXT;
                let external = t::PhysicalDeviceExternalImageFormatInfo {
                    handle_type,
                    ..*external
                };
                E::PhysicalDeviceExternalImageFormatInfo(s.arena.alloc(external))
            }
            other => other,
        });
        info.next = filter_chain(s, info.next, |link| match link {
            E::PhysicalDeviceImageDrmFormatModifierInfoEXT(_) => false,
            E::PhysicalDeviceExternalImageFormatInfo(_) => !staged,
            _ => true,
        });
        let next = filter_chain(s, c.image_format_properties.next, |link| {
            !staged || !matches!(link, E::ExternalImageFormatProperties(_))
        });
        Some(Self {
            info,
            room: s.arena.alloc(t::ImageFormatProperties2 {
                next,
                ..*c.image_format_properties
            }),
            dma_buf: kind == DMA_BUF,
            staged,
        })
    }

    /// The guest's answer, in the structures that it asked with.
    fn answer(
        &self,
        s: &Scope<'a>,
        asked: t::Chain<'a>,
        host: &t::ImageFormatProperties2<'a>,
    ) -> &'a t::ImageFormatProperties2<'a> {
        use t::Extension as E;
        let next = map_chain(s, asked, |link| match same_in(host.next, link) {
            E::ExternalImageFormatProperties(properties) if self.dma_buf => {
                let mut memory = properties.external_memory_properties;
                if self.staged {
                    memory.external_memory_features = t::ExternalMemoryFeatureFlags::IMPORTABLE;
                }
                E::ExternalImageFormatProperties(s.arena.alloc(t::ExternalImageFormatProperties {
                    external_memory_properties: shareable(memory),
                    ..*properties
                }))
            }
            other => other,
        });
        let mut most = host.image_format_properties;
        if self.staged {
            (most.max_mip_levels, most.max_array_layers) = (1, 1);
            most.sample_counts = t::SampleCountFlags::_1;
        }
        s.arena.alloc(t::ImageFormatProperties2 {
            next,
            image_format_properties: most,
        })
    }
}

/// Formats with one memory plane: the registry's multi-planar ones are in two blocks.
pub(crate) fn is_single_plane(format: t::Format) -> bool {
    !matches!(format.0, 1_000_156_002..=1_000_156_006 | 1_000_156_012..=1_000_156_016 | 1_000_156_022..=1_000_156_026 | 1_000_156_029..=1_000_156_033 | 1_000_330_000..=1_000_330_003)
}

fn without_modifiers<'a>(s: &Scope<'a>, chain: t::Chain<'a>) -> t::Chain<'a> {
    use t::Extension as E;
    filter_chain(s, chain, |link| {
        !matches!(
            link,
            E::DrmFormatModifierPropertiesListEXT(_) | E::DrmFormatModifierPropertiesList2EXT(_)
        )
    })
}

/// The link of the same type in another chain.
fn same_in<'a>(chain: t::Chain<'a>, link: t::Extension<'a>) -> t::Extension<'a> {
    chain
        .iter()
        .find(|other| other.stype() == link.stype())
        .copied()
        .unwrap_or(link)
}

fn modifiers<'a, T: Copy>(
    s: &Scope<'a>,
    room: &'a [T],
    linear: T,
    offered: bool,
) -> (u32, &'a [T]) {
    if !offered {
        return (0, &[]);
    }
    let filled: &[T] = if room.is_empty() {
        &[]
    } else {
        s.arena.alloc_slice_copy(&[linear])
    };
    (1, filled)
}
