//! Buffers by their addresses: a shader follows a ring of pointers through many of them.

use ash::vk;

use crate::error::{Result, expect};
use crate::gpu::{
    Binding, Buffer, Gpu, Needs, Output, PUSH_STAGES, Place, Stage, bytes, glsl, need, words,
};

pub(crate) fn needs(needs: &mut Needs) {
    need!(needs, vk12.buffer_device_address);
}

const NODES: u32 = 40;

pub(crate) fn draw(gpu: &Gpu) -> Result<Output> {
    let usage =
        vk::BufferUsageFlags::SHADER_DEVICE_ADDRESS | vk::BufferUsageFlags::STORAGE_BUFFER;
    let node = |_| gpu.buffer(16, usage, Place::Upload);
    let mut nodes = (0..NODES).map(node).collect::<Result<Vec<Buffer>>>()?;
    let addresses: Vec<u64> = nodes.iter().map(Buffer::address).collect();
    expect(addresses.iter().all(|address| *address != 0), || "an address is null".into())?;
    // From node 0 in strides of seven, which meets all forty.
    let order = |i: u32| (i * 7 % NODES) as usize;
    for i in 0..NODES {
        // No null at the end: some Mesa's lavapipe reads ahead of the test for it.
        let next = addresses[order(i + 1)];
        let node = &mut nodes[order(i)];
        node.write(0, &[bytes(&[next]), bytes(&[i * i + 1, 0])].concat())?;
    }
    let result = gpu.readback(8, vk::BufferUsageFlags::STORAGE_BUFFER)?;
    let kind = vk::DescriptorType::STORAGE_BUFFER;
    let set = gpu.descriptors(&[Binding::of(kind)])?;
    set.buffer(0, kind, &result);
    let shader = gpu.shader(glsl!("list.comp"))?;
    let layout = gpu.layout(&[*set.layout], 12)?;
    let stage = Stage::main(&shader, vk::ShaderStageFlags::COMPUTE);
    let pipeline = gpu.compute_pipeline(stage, &layout)?;
    gpu.run(|c| {
        c.compute(&pipeline)
            .bind_sets(vk::PipelineBindPoint::COMPUTE, *layout, 0, &[set.raw], &[])
            .push(*layout, PUSH_STAGES, 0, &[bytes(&[addresses[0]]), bytes(&[NODES])].concat())
            .dispatch(1, 1, 1)
            .barrier();
    })?;
    let read = result.read()?;
    let wanted: u32 = (0..NODES).map(|i| (i * i + 1) * (i + 1)).sum();
    expect(words(&read) == [wanted, 1], || {
        format!("sum and last value are {:?}, not {:?}", words(&read), [wanted, 1])
    })?;
    for i in 0..NODES {
        let visited = words(&nodes[order(i)].read()?)[3];
        expect(visited == i + 1, || format!("node {i} was visited as number {visited}"))?;
    }
    Ok(Output::Bytes(read))
}
