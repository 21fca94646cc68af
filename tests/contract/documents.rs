//! The documents: current, complete, and in nobody's language but the reader's.

use super::{Operation, PUBLISHED, operations, operations_of, resolve};
use crate::support::{Person, TestApp, documented::is_json};
use flate2::read::GzDecoder;
use reqwest::Method;
use serde_json::{Value, json};
use std::{
    collections::{BTreeMap, BTreeSet},
    io::Read,
};
use tenantry::{
    access::permission,
    groups,
    kit::{error::Code, openapi::Form},
};

/// Permissions that no documented operation names, each with its reason. None so far.
const NOT_DOCUMENTED: &[(&str, &str)] = &[];

#[test]
fn the_committed_documents_are_current() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/openapi");
    let documents = groups::documents();
    for form in Form::ALL {
        let folder = format!("{folder}/{}", form.folder());
        let files = std::fs::read_dir(&folder).unwrap().map(|file| file.unwrap().path());
        let committed: BTreeMap<_, _> = files
            .filter(|path| path.is_file())
            .map(|path| {
                let text = std::fs::read_to_string(&path).unwrap();
                (path.file_name().unwrap().to_str().unwrap().to_owned(), text)
            })
            .collect();
        let names = documents.iter().map(|document| format!("{}.json", document.name));
        assert_eq!(committed.keys().cloned().collect::<BTreeSet<_>>(), names.collect());
        for document in &documents {
            // Not assert_eq: nobody wants to read two whole documents.
            let same = committed[&format!("{}.json", document.name)] == document.text(*form);
            assert!(
                same,
                "{folder}{}.json is stale: `make openapi` renews it",
                document.name
            );
        }
    }
}

#[tokio::test]
async fn every_tenant_serves_the_documents_with_its_own_address() {
    let app = TestApp::start().await;
    let (default, acme) = (app.default_tenant(), app.tenant("acme").await);

    for document in groups::documents() {
        for form in Form::ALL {
            let path = format!("/openapi/{}{}.json", form.folder(), document.name);
            let served = default.anybody().get(&path).await;
            assert_eq!(served.header("content-type"), "application/json");
            assert!(
                served.text == document.text(*form),
                "{path} is not the committed document"
            );
        }
        let path = format!("/openapi/{}.json", document.name);
        let of_acme = acme.anybody().get(&path).await;
        if document.name == "system.v1alpha1" {
            of_acme.expect_problem(404, "not_found");
            continue;
        }
        let of_acme = of_acme.expect(200);
        assert_eq!(of_acme["servers"], json!([{ "url": "/t/acme" }]), "{path}");
        assert_eq!(of_acme["paths"], document.json["paths"], "{path}");
        let flow = &of_acme["components"]["securitySchemes"]["oauth2"]["flows"]["authorizationCode"];
        for (name, at) in [
            ("authorizationUrl", "authorize"),
            ("tokenUrl", "token"),
            ("refreshUrl", "token"),
        ] {
            let expected = format!("/t/acme/oauth2/{at}");
            // Two groups ask for no credential of a user.
            assert!(flow.is_null() || flow[name] == *expected, "{path}: {flow}");
        }
        let is_open = ["oidc", "verification"].contains(&document.name);
        assert_eq!(flow.is_null(), is_open, "{path}");
    }
    default
        .anybody()
        .get("/openapi/none.json")
        .await
        .expect_problem(404, "not_found");
}

#[tokio::test]
async fn a_document_comes_compressed_and_not_at_all_to_who_has_it() {
    let app = TestApp::start().await;
    let (anybody, acme) = (app.default_tenant().anybody(), app.tenant("acme").await.anybody());
    let path = "/openapi/console.v1alpha1.json";
    let whole = anybody.get(path).await;
    assert_eq!(whole.header("vary"), "Accept-Encoding");
    let request = anybody.request(Method::GET, path).header("accept-encoding", "gzip");
    let coded = request.send().await.unwrap();
    assert_eq!(coded.headers()["content-encoding"], "gzip");
    let tag = coded.headers()["etag"].to_str().unwrap().to_owned();
    assert_ne!(tag, whole.header("etag"), "each coding has a tag of its own");
    let bytes = coded.bytes().await.unwrap();
    assert!(
        bytes.len() * 5 < whole.text.len(),
        "{} of {}",
        bytes.len(),
        whole.text.len()
    );
    let mut text = String::new();
    GzDecoder::new(&bytes[..]).read_to_string(&mut text).unwrap();
    assert!(text == whole.text, "compressed and plain differ");

    let again = |person: &Person<'_>, tag: &str| person.request(Method::GET, path).header("if-none-match", tag);
    let unchanged = anybody.send(again(&anybody, whole.header("etag"))).await;
    assert_eq!((unchanged.status.as_u16(), unchanged.text.as_str()), (304, ""));
    // The document of another tenant is another one.
    acme.send(again(&acme, whole.header("etag"))).await.expect(200);
}

#[test]
fn every_operation_says_what_it_does_and_what_it_needs() {
    let known: BTreeSet<_> = permission::ALL.iter().map(|known| known.id).collect();
    for document in groups::documents() {
        let mut ids = BTreeSet::new();
        for operation in operations_of(&document) {
            let label = operation.label();
            let text = |key: &str| operation.json[key].as_str().unwrap_or_default().to_owned();
            assert!(!operation.id().is_empty(), "{label} has no operationId");
            assert!(
                ids.insert(operation.id().to_owned()),
                "{label}: the operationId is not unique"
            );
            assert!(!text("summary").is_empty(), "{label} has no summary");
            // Clients have a set of operations for each tag.
            assert_eq!(
                operation.json["tags"].as_array().map(Vec::len),
                Some(1),
                "{label} has not one tag"
            );
            let is_published = PUBLISHED.contains(&operation.id()) && operation.permission().is_empty();
            assert!(
                is_published || known.contains(operation.permission()),
                "{label}: unknown permission {:?}",
                operation.permission()
            );
            assert!(!text("description").is_empty(), "{label} has no description");
            for (status, answer) in answers(&operation) {
                let answer = resolve(&document.json, answer);
                assert!(!answer["description"].as_str().unwrap().is_empty(), "{label}: {status}");
                let is_refusal = status.starts_with(['4', '5']);
                assert!(!is_refusal || has_schema(answer), "{label}: {status} has no body");
                let kinds = answer["content"].as_object().into_iter().flatten();
                let has_json = kinds.map(|(kind, _)| kind).any(|kind| is_json(kind));
                assert!(!is_refusal || has_json, "{label}: {status} is none of its group's");
            }
            assert!(
                answers(&operation).any(|(status, _)| status.starts_with('2')),
                "{label} documents no success"
            );
            for parameter in parameters(&operation) {
                assert!(!parameter["description"].is_null(), "{label}: what is {parameter:#}?");
            }
        }
    }
}

fn parameters(operation: &Operation) -> impl Iterator<Item = &Value> {
    operation.json["parameters"].as_array().into_iter().flatten()
}

/// The documented answers, by status.
fn answers(operation: &Operation) -> impl Iterator<Item = (&String, &Value)> {
    operation.json["responses"].as_object().unwrap().iter()
}

fn has_schema(answer: &Value) -> bool {
    let contents = answer["content"].as_object().into_iter().flatten();
    contents.into_iter().any(|(_, media)| !media["schema"].is_null())
}

#[test]
fn no_document_names_a_type_of_the_program() {
    for document in groups::documents() {
        let text = document.text(Form::Current);
        for word in [
            "string_", "integer_", "Option", "Vec<", "HashMap", "BTreeMap", "::", "Result<", "poem",
        ] {
            let at = text
                .find(word)
                .map(|at| text[at..].chars().take(60).collect::<String>());
            assert_eq!(at, None, "{} has {word:?}", document.name);
        }
    }
}

/// Calls `f` with every object of a JSON value.
fn walk(value: &Value, f: &mut impl FnMut(&serde_json::Map<String, Value>)) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| walk(item, f)),
        Value::Object(object) => {
            f(object);
            object.values().for_each(|value| walk(value, f));
        }
        _ => {}
    }
}

#[test]
fn every_reference_of_a_document_resolves() {
    for document in groups::documents() {
        let mut references = 0;
        walk(&document.json, &mut |object| {
            if let Some(reference) = object.get("$ref").and_then(Value::as_str) {
                references += 1;
                let found = document.json.pointer(reference.trim_start_matches('#'));
                assert!(found.is_some(), "{}: {reference} leads nowhere", document.name);
            }
        });
        assert!(references > 0, "{} has references to check", document.name);
    }
}

#[test]
fn the_table_of_permissions_is_current() {
    let committed = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/permissions.md")).unwrap();
    let current = tenantry::permission::matrix(&tenantry::groups::documents());
    assert_eq!(committed, current, "run `make openapi` and review what changes");
    // The table has every permission, and an operation beside each.
    for known in permission::ALL {
        let row = current
            .lines()
            .find(|line| line.contains(&format!("| `{}` |", known.id)));
        let last = row.unwrap().trim_end_matches('|').rsplit('|').next().unwrap();
        assert!(!last.trim().is_empty(), "{} is needed by no operation", known.id);
    }
}

#[test]
fn every_permission_is_needed_by_some_operation() {
    let used: BTreeSet<_> = operations()
        .iter()
        .map(|operation| operation.permission().to_owned())
        .collect();
    for known in permission::ALL {
        let excused = NOT_DOCUMENTED.iter().any(|(id, _)| *id == known.id);
        assert_ne!(
            used.contains(known.id),
            excused,
            "{}: used, or excused with a reason, and not both",
            known.id
        );
    }
}

/// Names of all properties in a schema and in what it refers to.
fn properties(document: &Value, schema: &Value, seen: &mut BTreeSet<String>, names: &mut BTreeSet<String>) {
    if let Some(reference) = schema["$ref"].as_str()
        && !seen.insert(reference.to_owned())
    {
        return;
    }
    walk(resolve(document, schema), &mut |object| {
        let own = object.get("properties").and_then(Value::as_object);
        // Yes or no is no secret, nor is a moment.
        let told = own
            .into_iter()
            .flatten()
            .filter(|(_, schema)| schema["type"] != "boolean" && schema["format"] != "date-time");
        names.extend(told.map(|(name, _)| name.clone()));
        if object.contains_key("$ref") {
            properties(document, &Value::Object(object.clone()), seen, names);
        }
    });
}

fn is_secret(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    // The hash of an event of the audit trail is there to be noted elsewhere; when a password was given, and how long that
    // is good for, is no password.
    name != "hash"
        && !name.ends_with("setat")
        && !name.ends_with("lifetime")
        && ["hash", "secret", "password", "sealed", "privatekey"]
            .iter()
            .any(|word| name.contains(word))
}

/// Operations whose answer shows a secret that is only just made, this once.
const MAKING_SECRETS: &[&str] = &[
    "CreateApplicationSecret",
    "CreateBounceSecret",
    "CreateResourceServerSecret",
];

#[test]
fn no_answer_has_a_field_for_a_password_a_hash_or_a_secret() {
    let mut asked = BTreeSet::new();
    for document in groups::documents() {
        for operation in operations_of(&document) {
            let mut answered = BTreeSet::new();
            properties(
                &document.json,
                &operation.json["responses"],
                &mut BTreeSet::new(),
                &mut answered,
            );
            properties(
                &document.json,
                &operation.json["requestBody"],
                &mut BTreeSet::new(),
                &mut asked,
            );
            assert!(!answered.is_empty(), "{} answers nothing to look at", operation.label());
            let mut secrets: Vec<_> = answered.iter().filter(|name| is_secret(name)).collect();
            if MAKING_SECRETS.contains(&operation.id()) {
                secrets.retain(|name| *name != "secret");
            }
            assert!(secrets.is_empty(), "{} answers with {secrets:?}", operation.label());
        }
    }
    // The control: the same walk finds what requests have.
    assert!(asked.iter().any(|name| is_secret(name)), "{asked:?}");
}

#[tokio::test]
async fn every_code_of_a_problem_has_a_page() {
    let app = TestApp::start().await;
    let anybody = app.default_tenant().anybody();
    for code in Code::ALL {
        let page = anybody.get(&format!("/problems/{}", code.as_str())).await;
        assert_eq!(page.status, 200, "{}", code.as_str());
        for part in [code.as_str(), code.status().as_str(), code.title(), code.detail()] {
            assert!(
                page.text.contains(part),
                "the page of {} does not say {part:?}",
                code.as_str()
            );
        }
    }
    let index = anybody.get("/problems").await.expect(200);
    let index = index["items"].as_array().unwrap();
    assert_eq!(index.len(), Code::ALL.len());
    for (problem, code) in index.iter().zip(Code::ALL) {
        assert_eq!(problem["code"], code.as_str());
        assert_eq!(problem["status"], code.status().as_u16());
        assert_eq!(anybody.get(problem["type"].as_str().unwrap()).await.status, 200);
    }
    let unknown = anybody.get("/problems/none").await.expect_problem(404, "not_found");
    let about = unknown["type"].as_str().unwrap();
    assert_eq!(
        anybody.get(about).await.status,
        200,
        "the type of a problem leads to its page"
    );
}

#[tokio::test]
async fn what_swagger_ui_sends_when_nobody_types_anything_is_well_formed() {
    let mut app = TestApp::start().await;
    // Mail waits for the relay of the example, which is nobody's.
    app.abandon_jobs();
    let tenant = app.default_tenant();
    let owner = tenant.owner().await;
    let new = json!({ "name": "ada", "email": "ada@example.com", "password": crate::support::PASSWORD });
    owner.post("/apis/console/v1alpha1/users", &new).await.expect(200);
    let (mut sent, mut done) = (0, vec![]);
    for document in groups::documents() {
        for operation in operations_of(&document) {
            let content = operation.json["requestBody"]["content"].as_object();
            for (kind, media) in content.into_iter().flatten() {
                if kind == "multipart/form-data" {
                    continue;
                }
                let label = operation.label();
                let body = &media["example"];
                assert!(body.is_object(), "{label} has no example");
                let mut path = operation.path.clone();
                for parameter in operation.path_parameters() {
                    let (name, example) = (parameter["name"].as_str().unwrap(), parameter["example"].as_str());
                    let example = example.unwrap_or_else(|| panic!("{label}: {name} has no example"));
                    path = path.replace(&format!("{{{name}}}"), example);
                }
                // Some of them end the session that sends them.
                let owner = tenant.owner().await;
                let request = owner.request(operation.method.clone(), &path);
                let request = request.header("content-type", kind).body(body.to_string());
                let reply = owner.send(request).await;
                let of_nobody = ["user_not_found", "role_not_found"]
                    .iter()
                    .any(|code| reply.text.contains(code));
                let is_odd = ["\"invalid\"", "malformed", "unsupported", "无效的参数"];
                let is_odd = is_odd.iter().any(|sign| reply.text.contains(sign));
                assert!(of_nobody || !is_odd && reply.status != 405, "{label}: {}", reply.text);
                sent += 1;
                if reply.status == 200 && operation.path.contains("/policies/") {
                    done.push(operation.path.clone());
                }
            }
        }
    }
    assert!(sent > 40, "{sent}");
    // The examples of policies are what a new tenant has, so that trying them out changes nothing.
    assert_eq!(done.len(), 13, "{done:?}");
    let fresh = app.tenant("fresh").await;
    let (tried, untouched) = (tenant.owner().await, fresh.owner().await);
    for path in done {
        let (tried, untouched) = (
            tried.get(&path).await.expect(200),
            untouched.get(&path).await.expect(200),
        );
        assert_eq!(tried["spec"], untouched["spec"], "{path}");
    }
}

#[tokio::test]
async fn problems_are_told_in_the_language_that_is_asked_for() {
    let app = TestApp::start().await;
    let anybody = app.default_tenant().anybody();
    let ask = async |language: &str| {
        let request = anybody.request(reqwest::Method::GET, "/apis/console/v1alpha1/users/-");
        let answer = anybody.send(request.header("accept-language", language)).await;
        let told = answer.header("content-language").to_owned();
        (told, answer.expect(401))
    };
    let ((zh, chinese), (en, english)) = (ask("zh-CN,zh;q=0.9").await, ask("zh;q=0, en").await);
    assert_eq!((zh.as_str(), en.as_str()), ("zh", "en"));
    let (other, fallback) = ask("fr").await;
    assert_eq!((other.as_str(), &fallback["title"]), ("en", &english["title"]));
    assert_eq!(
        (&chinese["title"], &chinese["code"]),
        (&json!("未登录"), &json!("unauthenticated"))
    );
    assert_eq!(english["title"], "Not signed in");
    for code in Code::ALL {
        let (title, detail) = code.words(tenantry::kit::text::Language::Chinese);
        let is_chinese = |text: &str| text.chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c));
        assert!(is_chinese(title) && is_chinese(detail), "{code:?}");
    }
}
