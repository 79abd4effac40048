//! Descriptor writes: the type of a descriptor says which of several arrays the driver reads.

use vulkan_types as t;
use vulkan_types::DescriptorType as D;

use crate::Fatal;
use crate::scope::Scope;

pub(crate) fn update_descriptor_sets(
    s: &Scope<'_>,
    c: &t::UpdateDescriptorSets<'_>,
) -> Result<t::UpdateDescriptorSetsReply, Fatal> {
    check(c.descriptor_writes, "vkUpdateDescriptorSets")?;
    s.call(c)
}

pub(crate) fn cmd_push_descriptor_set(
    s: &Scope<'_>,
    c: &t::CmdPushDescriptorSet<'_>,
) -> Result<t::CmdPushDescriptorSetReply, Fatal> {
    check(c.descriptor_writes, "vkCmdPushDescriptorSet")?;
    s.call(c)
}

pub(crate) fn cmd_push_descriptor_set2(
    s: &Scope<'_>,
    c: &t::CmdPushDescriptorSet2<'_>,
) -> Result<t::CmdPushDescriptorSet2Reply, Fatal> {
    check(
        c.push_descriptor_set_info.descriptor_writes,
        "vkCmdPushDescriptorSet2",
    )?;
    s.call(c)
}

/// The array that a write's type calls for has to be there ("VkWriteDescriptorSet").
fn check(writes: &[t::WriteDescriptorSet<'_>], command: &'static str) -> Result<(), Fatal> {
    for write in writes {
        let there = match write.descriptor_type {
            D::SAMPLER
            | D::COMBINED_IMAGE_SAMPLER
            | D::SAMPLED_IMAGE
            | D::STORAGE_IMAGE
            | D::INPUT_ATTACHMENT => write.image_info.len(),
            D::UNIFORM_TEXEL_BUFFER | D::STORAGE_TEXEL_BUFFER => write.texel_buffer_view.len(),
            D::UNIFORM_BUFFER
            | D::STORAGE_BUFFER
            | D::UNIFORM_BUFFER_DYNAMIC
            | D::STORAGE_BUFFER_DYNAMIC => write.buffer_info.len(),
            D::INLINE_UNIFORM_BLOCK => write
                .next
                .find::<t::WriteDescriptorSetInlineUniformBlock<'_>>()
                .map_or(0, |block| block.data.len()),
            D::ACCELERATION_STRUCTURE_KHR => write
                .next
                .find::<t::WriteDescriptorSetAccelerationStructureKHR<'_>>()
                .map_or(0, |structures| structures.acceleration_structures.len()),
            _ => {
                return Err(Fatal::misuse(
                    command,
                    "a type of descriptor that cannot be written",
                ));
            }
        };
        if there < write.descriptor_count as usize {
            return Err(Fatal::misuse(command, "fewer descriptors than counted"));
        }
    }
    Ok(())
}
