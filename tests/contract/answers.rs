//! What the documents say of answers: the statuses and codes that there can be, and examples.

use super::{Operation, operations_of, resolve};
use crate::support::{Person, Tenant, TestApp, documented::is_json};
use jsonschema::Validator;
use reqwest::{RequestBuilder, header::HeaderValue};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use tenantry::{
    groups,
    kit::{
        db::{Mode, SystemTx},
        error::Code,
        openapi::Document,
    },
    oidc,
    tenant::{self, Rate},
};

/// A schema of a document, in which no object has members that it does not name.
fn strict(document: &Document, schema: &Value) -> Validator {
    let mut root = schema.clone();
    let mut components = document.json["components"].clone();
    for schema in components["schemas"].as_object_mut().unwrap().values_mut() {
        if schema["properties"].is_object() && schema["additionalProperties"].is_null() {
            schema["additionalProperties"] = false.into();
        }
    }
    root["components"] = components;
    root["$schema"] = json!("https://json-schema.org/draft/2020-12/schema");
    jsonschema::options()
        .should_validate_formats(true)
        .build(&root)
        .unwrap()
}

/// The bodies of the answers that say that it was done.
fn done(operation: &Operation) -> impl Iterator<Item = (&String, &Value)> {
    let answers = operation.json["responses"].as_object().unwrap().iter();
    let done = answers.filter(|(status, _)| status.starts_with('2'));
    done.flat_map(|(_, answer)| answer["content"].as_object().into_iter().flatten())
}

#[test]
fn every_answer_in_json_has_an_example_that_its_schema_describes() {
    let mut seen = 0;
    for document in groups::documents() {
        for operation in operations_of(&document) {
            for (kind, media) in done(&operation).filter(|(kind, _)| is_json(kind)) {
                let (label, schema) = (operation.label(), &media["schema"]);
                let example = resolve(&document.json, &media["examples"]["answer"]);
                let example = example.get("value");
                let example =
                    example.unwrap_or_else(|| panic!("{label}: no example of {kind} {schema}; see src/groups/answers"));
                let faults: Vec<_> = strict(&document, schema)
                    .iter_errors(example)
                    .map(|fault| format!("{}: {fault}", fault.instance_path))
                    .collect();
                assert!(faults.is_empty(), "{label}: {faults:#?}");
                seen += 1;
            }
        }
    }
    assert!(seen > 100, "{seen}");
}

#[test]
fn every_parameter_shows_what_it_may_be() {
    for document in groups::documents() {
        for operation in operations_of(&document) {
            for parameter in operation.json["parameters"].as_array().into_iter().flatten() {
                let schema = resolve(&document.json, &parameter["schema"]);
                let is_shown = ["examples", "enum", "default"]
                    .iter()
                    .any(|word| !schema[*word].is_null());
                assert!(
                    is_shown || schema["type"] == "boolean" || !parameter["example"].is_null(),
                    "{}: nobody knows what to give as {parameter:#}",
                    operation.label()
                );
            }
        }
    }
}

#[test]
fn every_status_is_announced_by_itself_and_has_its_codes() {
    for document in groups::documents() {
        let mut shared = BTreeSet::new();
        for operation in operations_of(&document) {
            let label = operation.label();
            let codes = operation.json["x-codes"].as_array().unwrap();
            assert_eq!(
                codes.iter().map(Value::as_str).collect::<BTreeSet<_>>().len(),
                codes.len(),
                "{label}"
            );
            for (status, answer) in operation.json["responses"].as_object().unwrap() {
                assert!(status.parse::<u16>().is_ok(), "{label}: {status} is no status");
                // A page for browsers is of its operation alone.
                let is_page = answer["content"]["text/html"].is_object();
                if status.starts_with(['4', '5']) && !is_page {
                    shared.insert(answer["$ref"].as_str().expect(&label).to_owned());
                }
            }
        }
        let components = document.json["components"]["responses"].as_object().unwrap();
        assert_eq!(
            components.len(),
            shared.len(),
            "{}: a component that nobody uses",
            document.name
        );
    }
}

/// The statuses of what the rules of an operation refuse with, as the table of its group has it.
fn own(operation: &Operation) -> Vec<u16> {
    let group = operation.document.split('.').next().unwrap();
    let path = format!("{}/src/groups/refusals/{group}.json", env!("CARGO_MANIFEST_DIR"));
    let table: Value = std::fs::read_to_string(path).map_or(Value::Null, |text| serde_json::from_str(&text).unwrap());
    let codes = table[operation.id()].as_array().into_iter().flatten();
    let of = |code: &Value| {
        let code = code.as_str().unwrap();
        let known = Code::ALL.iter().find(|known| known.as_str() == code);
        known.map_or_else(|| oidc::coded(code).unwrap().0, |known| known.status().as_u16())
    };
    codes.map(of).collect()
}

/// A request for the operation on the objects of its examples.
fn request(person: &Person<'_>, operation: &Operation) -> RequestBuilder {
    let mut path = operation.path.clone();
    for parameter in operation.path_parameters() {
        let (name, example) = (
            parameter["name"].as_str().unwrap(),
            parameter["example"].as_str().unwrap(),
        );
        path = path.replace(&format!("{{{name}}}"), example);
    }
    person.request(operation.method.clone(), &path)
}

/// The statuses that an operation answers in other tests.
fn elsewhere(operation: &Operation) -> BTreeSet<u16> {
    // Faults of the server, and bodies that come too slowly.
    let mut given = BTreeSet::from([500, 503]);
    if operation.json["requestBody"].is_object() {
        given.insert(408);
    }
    // A form with a file may be longer than what is sent here: see the tests of files.
    if ["attachments:create", "restorations:create", "user-imports:create"].contains(&operation.permission()) {
        given.insert(413);
    }
    // A password can come with any request, and may have been wrong too often: see the tests of Halo's clients.
    if !operation.permission().is_empty() {
        given.insert(429);
    }
    for parameter in operation.json["parameters"].as_array().into_iter().flatten() {
        match parameter["name"].as_str().unwrap() {
            "If-Match" | "If-None-Match" => given.extend([409, 412]),
            "Idempotency-Key" => given.extend([409, 422]),
            _ => {}
        }
    }
    given.extend(own(operation));
    given
}

#[tokio::test]
async fn no_operation_announces_what_it_does_not_answer() {
    let mut app = TestApp::start().await;
    app.abandon_jobs();
    let (served, suspended) = (app.default_tenant(), app.tenant("acme").await);
    let suspend = async |tx: &SystemTx| tenant::set_suspended(tx, "acme", true).await;
    assert!(app.app.services.db.run_system(Mode::Write, suspend).await.unwrap());
    let limited = app.tenant("limited").await;
    let limit = async |tx: &SystemTx| {
        let old = tenant::get_named(tx, "limited").await?;
        let rate = Rate {
            per_second: 1,
            burst: 1,
        };
        tenant::save(tx, &old, old.clone().limited(Some(rate))).await
    };
    app.app.services.db.run_system(Mode::Write, limit).await.unwrap();
    // What a server knows of a tenant, it knows for a second.
    app.advance(1);
    limited.anybody().get("/login").await;
    let base = format!("{}/t/nobody", app.base);
    let nowhere = Tenant { base, ..served.clone() };
    for document in groups::documents() {
        for operation in operations_of(&document) {
            let mut given = elsewhere(&operation);
            let mut see = async |person: Person<'_>, change: &dyn Fn(RequestBuilder) -> RequestBuilder| {
                let reply = person.send(change(request(&person, &operation))).await;
                given.insert(reply.status.as_u16());
            };
            see(suspended.anybody(), &|request| request).await;
            see(nowhere.anybody(), &|request| request).await;
            see(limited.anybody(), &|request| request).await;
            let no_text = || HeaderValue::from_bytes(b"\xff").unwrap();
            see(served.anybody(), &|request| request.header("host", no_text())).await;
            if operation.is_secured() {
                see(served.anybody(), &|request| request).await;
            }
            if let Some(content) = operation.json["requestBody"]["content"].as_object() {
                let kind = content.keys().next().unwrap();
                let large = |request: RequestBuilder| request.header("content-type", kind).body(vec![b' '; 3 << 20]);
                see(served.owner().await, &large).await;
                let strange = |request: RequestBuilder| request.header("content-type", "text/plain").body("x");
                see(served.owner().await, &strange).await;
            }
            let announced = operation.json["responses"].as_object().unwrap().keys();
            let announced: BTreeSet<u16> = announced.map(|status| status.parse().unwrap()).collect();
            let never: Vec<_> = announced.difference(&given).filter(|status| **status >= 400).collect();
            assert!(never.is_empty(), "{} announces {never:?}", operation.label());
        }
    }
}
