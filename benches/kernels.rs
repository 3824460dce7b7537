//! The kernels of `validate`, one by one.

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use hivelog::check::{Inspector, Policy};
use hivelog::model::timestamp::Timestamp;
use hivelog::wire::json::Document;
use hivelog::wire::records::{Framer, Record};
use std::hint::black_box;

const SAMPLE: &str = include_str!("../examples/event-logs.ndjson");

fn framing(criterion: &mut Criterion) {
    let bytes = SAMPLE.repeat(100).into_bytes();
    let mut group = criterion.benchmark_group("framing");
    group.throughput(Throughput::Bytes(bytes.len() as u64));
    group.bench_function("lines", |bencher| {
        bencher.iter(|| {
            let mut count = 0_u64;
            let mut framer = Framer::new(1 << 20);
            framer.push(&bytes, &mut |record: Record<'_>| count += record.length);
            black_box(count)
        });
    });
    group.finish();
}

fn records() -> Vec<&'static [u8]> {
    SAMPLE.lines().map(str::as_bytes).collect()
}

fn reading(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("reading");
    group.throughput(Throughput::Bytes(SAMPLE.len() as u64));
    let mut document = Document::default();
    group.bench_function("json with positions", |bencher| {
        bencher.iter(|| {
            for record in records() {
                document.read(black_box(record));
            }
        });
    });
    group.finish();
}

fn rules(criterion: &mut Criterion) {
    let policy = Policy::at(Timestamp::from_millis(1_800_000_000_000));
    let mut group = criterion.benchmark_group("rules");
    group.throughput(Throughput::Bytes(SAMPLE.len() as u64));
    let mut inspector = Inspector::default();
    group.bench_function("inspect", |bencher| {
        bencher.iter(|| {
            let mut findings = Vec::new();
            for bytes in records() {
                let record = Record {
                    bytes,
                    number: 1,
                    line: 1,
                    column: 1,
                    length: bytes.len() as u64,
                    flaw: None,
                };
                black_box(inspector.inspect(&policy, &record, &mut findings));
            }
            findings.len()
        });
    });
    group.finish();
}

criterion_group!(kernels, framing, reading, rules);
criterion_main!(kernels);
