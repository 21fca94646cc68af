//! What a permission decision costs: with how many tenants, and how many rules in each.
//!
//! Every tenant has a policy of its own. A server answers requests between one decision and the
//! next, so that a decision finds nothing of its tenant in the processor's caches: `in between
//! requests` walks through 64 MiB before each. `hot` asks the same thing again and again.
//! `cargo bench --bench decision`

use criterion::{BatchSize, Bencher, Criterion, criterion_group, criterion_main};
use std::{
    hint::black_box,
    time::{Duration, Instant},
};
use tenantry::access::{
    Policy,
    permission::{ALL, Permission, UsersDelete},
    policy::{Effect, Made, Role, Rule},
};

/// Roles of a tenant: so many rules, spread over roles of ten rules each.
fn roles(rules: usize) -> Vec<Role> {
    let rule = |number: usize| {
        let known = ALL[number % ALL.len()];
        Rule {
            resources: vec![known.resource.to_owned()],
            resource_names: match number % 3 {
                0 => vec![],
                _ => vec![format!("object-{number}")],
            },
            verbs: vec![known.verb.to_owned()],
            effect: if number % 10 == 9 { Effect::Deny } else { Effect::Allow },
        }
    };
    (0..rules / 10)
        .map(|number| Role {
            name: format!("role-{number}"),
            display_name: format!("Role {number}"),
            description: String::new(),
            inherits: (number % 5 > 0)
                .then(|| format!("role-{}", number - 1))
                .into_iter()
                .collect(),
            rules: (0..10).map(|at| rule(number * 10 + at)).collect(),
            made: Some(Made::default()),
        })
        .collect()
}

fn held() -> [String; 2] {
    ["role-1".to_owned(), "user".to_owned()]
}

fn ask(policy: &Policy, held: &[String]) -> bool {
    policy.permits(held, UsersDelete::DEF, "object-5")
}

/// A generator of numbers that costs next to nothing (xorshift64).
fn next(state: &mut u64) -> usize {
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    usize::try_from(*state >> 16).unwrap_or_default()
}

/// Times decisions alone, each of another tenant and after so much else was touched.
fn in_between(bench: &mut Bencher, policies: &[Policy], held: &[String]) {
    let mut other = vec![1_u8; 64 << 20];
    let mut state = 0x9E37_79B9_7F4A_7C15;
    bench.iter_custom(|times| {
        let mut spent = Duration::ZERO;
        for _ in 0..times {
            for line in other.iter_mut().step_by(64) {
                *line = line.wrapping_add(1);
            }
            let policy = &policies[next(&mut state) % policies.len()];
            let begun = Instant::now();
            black_box(ask(policy, held));
            spent += begun.elapsed();
        }
        spent
    });
}

fn decisions(criterion: &mut Criterion) {
    let held = held();
    let cells = [
        (1, 20),
        (1, 100),
        (1, 1_000),
        (1_000, 20),
        (1_000, 100),
        (1_000, 1_000),
        (100_000, 20),
        (100_000, 100),
    ];
    for (tenants, rules) in cells {
        let policies: Vec<Policy> = (0..tenants).map(|_| Policy::new(1, roles(rules))).collect();
        for policy in &policies {
            ask(policy, &held);
        }
        let mut group = criterion.benchmark_group(format!("{tenants} tenants, {rules} rules"));
        group.sample_size(20).measurement_time(Duration::from_secs(2));
        group.bench_function("in between requests", |bench| in_between(bench, &policies, &held));
        group.bench_function("hot", |bench| bench.iter(|| black_box(ask(&policies[0], &held))));
        group.finish();
    }
    let mut group = criterion.benchmark_group("cold: a policy made and asked");
    group.sample_size(20).measurement_time(Duration::from_secs(2));
    for rules in [20, 100, 1_000] {
        group.bench_function(format!("{rules} rules"), |bench| {
            let made = |roles| ask(&Policy::new(1, roles), &held);
            bench.iter_batched(|| roles(rules), made, BatchSize::SmallInput);
        });
    }
    group.finish();
}

criterion_group!(benches, decisions);
criterion_main!(benches);
