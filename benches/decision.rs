//! What a permission decision costs: with how many tenants, and how many rules in each.
//!
//! Every tenant has a policy of its own, and decisions are asked of tenants in random order, so
//! that a large number of them does not fit in the processor's caches. `cargo bench --bench decision`

#![expect(missing_docs, reason = "a program")]

use criterion::{BatchSize, Criterion, criterion_group, criterion_main};
use std::{hint::black_box, time::Duration};
use tenantry::access::{
    Policy,
    permission::{ALL, Permission, UsersDelete, UsersGet},
    policy::{Effect, Role, Rule},
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
            made: Some(Default::default()),
        })
        .collect()
}

/// A generator of numbers that costs next to nothing (xorshift64).
fn next(state: &mut u64) -> usize {
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    usize::try_from(*state >> 16).unwrap_or_default()
}

fn decisions(criterion: &mut Criterion) {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let held = ["role-1".to_owned(), "user".to_owned()];
    let make = |rules: usize| runtime.block_on(Policy::new(1, roles(rules))).expect("a policy");
    let ask = |policy: &Policy| {
        black_box(policy.permits(&held, UsersGet::IS, "-"));
        black_box(policy.permits(&held, UsersDelete::IS, "object-15"))
    };

    let mut group = criterion.benchmark_group("two decisions, warm");
    group.measurement_time(Duration::from_secs(3));
    for (tenants, rules) in [
        (1, 20),
        (1, 100),
        (1, 1_000),
        (1_000, 20),
        (1_000, 100),
        (1_000, 1_000),
        (100_000, 20),
    ] {
        let policies: Vec<Policy> = (0..tenants).map(|_| make(rules)).collect();
        for policy in &policies {
            ask(policy);
        }
        let mut state = 0x9E37_79B9_7F4A_7C15;
        group.bench_function(format!("{tenants} tenants, {rules} rules"), |bench| {
            bench.iter(|| ask(&policies[next(&mut state) % tenants]));
        });
    }
    group.finish();

    let mut group = criterion.benchmark_group("policy made and asked, cold");
    group.measurement_time(Duration::from_secs(3));
    for rules in [20, 100, 1_000] {
        group.bench_function(format!("{rules} rules"), |bench| {
            bench.iter_batched(
                || roles(rules),
                |roles| ask(&runtime.block_on(Policy::new(1, roles)).expect("a policy")),
                BatchSize::SmallInput,
            );
        });
    }
    group.finish();
}

criterion_group!(benches, decisions);
criterion_main!(benches);
