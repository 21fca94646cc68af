//! The caller and their permission are settled before anything else of a request is read.

use super::{Operation, operations, secured};
use crate::{
    support::roles::{allow, deny, make_role, make_user, may, set_rules},
    support::{Person, Reply, TestApp},
};
use serde_json::Value;
use tenantry::access::permission;

/// What the built-in roles are, read here without the program's help.
const ROLES: &str = include_str!("../../crates/core/src/access/roles.toml");

/// Sends the operation with a body, a query and a path that nobody could accept.
async fn send_garbage(person: &Person<'_>, operation: &Operation) -> Reply {
    let path = format!("{}?page=abc&size=-1", operation.path_with("not!a%20name"));
    let request = person.request(operation.method.clone(), &path);
    person
        .send(request.header("content-type", "application/json").body("{\""))
        .await
}

/// Whether a rule of the role, or of anybody, covers the permission on the object.
fn permits(role: &str, permission: &str, object: &str) -> bool {
    let roles: toml::Table = ROLES.parse().unwrap();
    let (resource, verb) = permission.split_once(':').unwrap();
    let has = |rule: &toml::Value, key: &str, value: &str| match rule.get(key).and_then(toml::Value::as_array) {
        Some(list) => list
            .iter()
            .filter_map(toml::Value::as_str)
            .any(|entry| entry == "*" || entry == value),
        None => key == "resourceNames",
    };
    let rules = [role, "anonymous"]
        .into_iter()
        .flat_map(|role| roles[role]["rules"].as_array().unwrap());
    let mut covering = rules
        .filter(|rule| {
            has(rule, "resources", resource) && has(rule, "verbs", verb) && has(rule, "resourceNames", object)
        })
        .map(|rule| rule.get("effect").and_then(toml::Value::as_str).unwrap_or("allow"))
        .peekable();
    covering.peek().is_some() && covering.all(|effect| effect == "allow")
}

#[tokio::test]
async fn without_credentials_a_secured_operation_answers_401_whatever_else_is_wrong() {
    let app = TestApp::start().await;
    let anybody = app.default_tenant().anybody();
    for operation in secured() {
        let label = operation.label();
        let reply = send_garbage(&anybody, &operation).await;
        assert_eq!(reply.status, 401, "{label}: {}", reply.text);
        assert_eq!(reply.header("www-authenticate"), "Bearer", "{label}");
        let (kind, body) = (reply.header("content-type").to_owned(), reply.json());
        if operation.document == "accounts" {
            assert_eq!(body["statusCode"], 401, "{label}");
        } else if ["console.v1alpha1", "system.v1alpha1"].contains(&operation.document) {
            assert_eq!(kind, "application/problem+json", "{label}");
            assert_eq!(body["status"], 401, "{label}");
        } else {
            assert_eq!(kind, "application/json", "{label}");
            assert_eq!(body["code"], 16, "UNAUTHENTICATED of google.rpc.Code: {label}");
        }
        reply.expect_problem(401, "unauthenticated");
    }
}

#[tokio::test]
async fn a_plain_user_may_do_what_the_roles_say_and_nothing_else() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    tenant.sign_up("plain").await;
    let (mut permitted, mut forbidden) = (0, 0);
    for operation in secured() {
        // A new session each time: some operations end it.
        let plain = tenant.sign_in("plain").await;
        let label = operation.label();
        let reply = send_garbage(&plain, &operation).await;
        if permits("user", operation.permission(), operation.object()) {
            permitted += 1;
            assert!(
                ![401, 403].contains(&reply.status.as_u16()),
                "{label}: {} {}",
                reply.status,
                reply.text
            );
        } else {
            forbidden += 1;
            assert_eq!(reply.status, 403, "{label}: {}", reply.text);
            reply.expect_problem(403, "forbidden");
        }
    }
    assert!(
        permitted > 0 && forbidden > 0,
        "{permitted} permitted, {forbidden} forbidden"
    );
    app.work().await;
}

#[tokio::test]
async fn the_owner_may_do_everything() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    for operation in secured() {
        let owner = tenant.owner().await;
        let reply = send_garbage(&owner, &operation).await;
        assert!(
            permits("owner", operation.permission(), operation.object()),
            "{}",
            operation.label()
        );
        let status = reply.status.as_u16();
        assert!(
            ![401, 403].contains(&status) && status < 500,
            "{}: {status} {}",
            operation.label(),
            reply.text
        );
    }
}

/// The path with `-` as the object, and ids that are none behind it.
fn own_path(operation: &Operation) -> String {
    let first = operation.path.find('{').unwrap();
    let (before, rest) = operation.path.split_at(first);
    let after = rest.split_once('}').unwrap().1;
    let after = after.split('/').map(|segment| match segment.starts_with('{') {
        true => "ses_0190a9f0c7d87c3e8f3b0a4b6c2d1e0f",
        false => segment,
    });
    format!("{before}-{}", after.collect::<Vec<_>>().join("/"))
}

/// Whether a path is of this template, its parameters aside.
fn same_path(template: &str, path: &str) -> bool {
    let (template, path): (Vec<_>, Vec<_>) = (template.split('/').collect(), path.split('/').collect());
    template.len() == path.len()
        && template
            .iter()
            .zip(&path)
            .all(|(t, p)| t == p || (t.starts_with('{') && p.starts_with("ses_")))
}

/// Where a group has no operation for the caller's own, `-` is the name of nothing. The door reads
/// that name to ask whether the caller may, so this fails as soon as it reads another one.
#[tokio::test]
async fn the_name_in_the_path_is_the_one_that_is_asked_about() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    for operation in secured()
        .iter()
        .filter(|operation| operation.path_parameters().next().is_some() && operation.object() != "-")
    {
        let own = own_path(operation);
        if operations().iter().any(|other| same_path(&other.path, &own)) {
            continue;
        }
        tenant
            .anybody()
            .send(tenant.anybody().request(operation.method.clone(), &own))
            .await
            .expect_problem(401, "unauthenticated");
        let owner = tenant.owner().await;
        owner
            .send(owner.request(operation.method.clone(), &own))
            .await
            .expect_problem(404, "not_found");
    }
}

/// Whether it ends the session with which it is asked.
fn ends_session(operation: &Operation) -> bool {
    operation.permission() == "sessions:end" || operation.id() == "RevokeAllMyRefreshTokens"
}

/// The resource and the verb an operation needs.
fn needed(operation: &Operation) -> (&str, &str) {
    let permission = operation.permission().split_once(':');
    permission.unwrap_or_else(|| panic!("{} names no permission", operation.label()))
}

/// Rules that deny every permission but this: everybody has the role `user` as well.
fn all_others(resource: &str, verb: &str) -> Vec<Value> {
    let (same, other): (Vec<&permission::PermissionDef>, Vec<_>) =
        permission::ALL.iter().partition(|known| known.resource == resource);
    let verbs: Vec<_> = same.iter().map(|known| known.verb).filter(|v| *v != verb).collect();
    let mut resources: Vec<_> = other.iter().map(|known| known.resource).collect();
    resources.dedup();
    let mut rules = vec![deny(&resources.join(" "), "*")];
    if !verbs.is_empty() {
        rules.push(deny(resource, &verbs.join(" ")));
    }
    rules
}

#[tokio::test]
async fn every_operation_is_open_to_who_has_its_permission_and_no_other_one() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    let owner = tenant.owner().await;
    make_role(&owner, "probe", "", &[]).await;
    make_user(&owner, "probe", "probe").await;
    let mut probe = tenant.sign_in("probe").await;
    for operation in operations() {
        // There applications prove themselves, and nobody looks at what a user may; reports are signed.
        if operation.document == "oidc" || operation.id() == "ReportBounces" {
            continue;
        }
        let (label, (resource, verb)) = (operation.label(), needed(&operation));
        let just_this = [vec![allow(resource, verb)], all_others(resource, verb)].concat();
        set_rules(&owner, "probe", &just_this).await.expect(200);
        let reply = send_garbage(&probe, &operation).await;
        let status = reply.status.as_u16();
        assert!(
            ![401, 403].contains(&status) && status < 500,
            "{label}: {status} {}",
            reply.text
        );
        if ends_session(&operation) {
            probe = tenant.sign_in("probe").await;
        }

        let all_but_this = [allow("*", "*"), deny(resource, verb)];
        set_rules(&owner, "probe", &all_but_this).await.expect(200);
        let reply = send_garbage(&probe, &operation).await;
        assert_eq!(reply.status, 403, "{label}: {}", reply.text);
        reply.expect_problem(403, "forbidden");

        let reply = send_garbage(&tenant.anybody(), &operation).await;
        if operation.is_secured() {
            assert_eq!(reply.status, 401, "{label}: {}", reply.text);
            reply.expect_problem(401, "unauthenticated");
        } else {
            assert!(![401, 403].contains(&reply.status.as_u16()), "{label}: {}", reply.text);
        }
    }
    app.work().await;
}

#[tokio::test]
async fn what_a_user_is_said_to_be_permitted_is_what_operations_permit_them() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    let owner = tenant.owner().await;
    make_role(
        &owner,
        "deputy",
        "user-manager auditor",
        &[deny("users", "delete"), deny("messages", "*")],
    )
    .await;
    for role in [
        "user",
        "support",
        "auditor",
        "user-manager",
        "role-manager",
        "application-manager",
        "attachment-manager",
        "backup-manager",
        "mail-manager",
        "operator",
        "deputy",
        "owner",
    ] {
        let name = format!("a-{role}");
        make_user(&owner, &name, role).await;
        let said = may(&owner, &name).await;
        let mut person = tenant.sign_in(&name).await;
        assert_eq!(may(&person, "-").await, said, "{role}");
        for operation in operations() {
            let own = format!("{}@self", operation.permission());
            let is_own = operation.object() == "-";
            let expected = said
                .iter()
                .any(|one| one == operation.permission() || (is_own && *one == own));
            let reply = send_garbage(&person, &operation).await;
            let label = format!("{} for {role}", operation.label());
            assert_eq!(
                reply.status != 403,
                expected,
                "{label}: {} {}",
                reply.status,
                reply.text
            );
            if ends_session(&operation) {
                person = tenant.sign_in(&name).await;
            }
        }
    }
    app.work().await;
}
