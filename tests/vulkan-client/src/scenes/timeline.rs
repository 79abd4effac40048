//! Timeline semaphores: waits before signals, from and to the host, across several submissions.

use std::thread;

use crate::error::{Error, Result, expect};
use crate::gpu::{BACKDROP, Commands, Gpu, Needs, Output, Semaphores, Target, need};
use crate::scenes::rects::Rects;

pub(crate) fn needs(needs: &mut Needs) {
    need!(needs, vk12.timeline_semaphore);
}

pub(crate) fn draw(gpu: &Gpu) -> Result<Output> {
    let target = gpu.target()?;
    let rects = Rects::new(gpu)?;
    let pipeline = rects.pipeline(&target, |_| {})?;
    let timeline = gpu.timeline(5)?;
    expect(gpu.counter(&timeline)? == 5, || "the initial value is not 5".into())?;

    let first = record(gpu, &target, |c| {
        c.graphics(&pipeline);
        rects.draw(c, [-0.9, -0.9, 0.2, 0.2], [0.9, 0.3, 0.3, 1.0]);
    })?;
    let second = record(gpu, &target, |c| {
        c.graphics(&pipeline);
        rects.draw(c, [-0.2, -0.2, 0.9, 0.9], [0.3, 0.9, 0.3, 1.0]);
    })?;
    // Both wait before anybody has signalled: the second for the first, that for the host.
    let step = |wait, signal| ([(*timeline, wait)], [(*timeline, signal)]);
    let (wait, signal) = step(10, 20);
    gpu.submit(0, &[&first], Semaphores { wait: &wait, signal: &signal }, None)?;
    let (wait, signal) = step(20, 30);
    gpu.submit(0, &[&second], Semaphores { wait: &wait, signal: &signal }, None)?;
    expect(gpu.counter(&timeline)? == 5, || "the device did not wait for the host".into())?;

    // One thread waits while another signals.
    let waiting = thread::spawn({
        let (gpu, semaphore) = (gpu.clone(), *timeline);
        move || gpu.wait_value(semaphore, 30)
    });
    gpu.signal(&timeline, 10)?;
    waiting.join().map_err(|_| Error::Wrong("the waiting thread panicked".into()))??;
    let value = gpu.counter(&timeline)?;
    expect(value == 30, || format!("the value is {value}, not 30"))?;
    gpu.signal(&timeline, u64::from(u32::MAX) + 7)?;
    gpu.wait_value(*timeline, u64::from(u32::MAX) + 1)?;
    gpu.idle()?;
    let output = target.picture()?;
    output.expect_texel(200, 200, [77, 230, 77, 255])?;
    Ok(output)
}

fn record(gpu: &Gpu, target: &Target, draw: impl FnOnce(&Commands)) -> Result<Commands> {
    let commands = Commands::once(gpu, 0)?;
    commands.begin()?;
    commands.begin_target(target, &[BACKDROP]);
    draw(&commands);
    commands.end_render_pass();
    commands.end()?;
    Ok(commands)
}
