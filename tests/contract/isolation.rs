//! What belongs to one tenant is not there for another.

use super::{Operation, example, secured};
use crate::instance::{TENANTS, new_tenant};
use crate::support::{
    PASSWORD, Person, Reply, TestApp, dns,
    issuer::Issuer,
    roles::make_role,
    smtp::{GONE, PORT, sender},
};
use reqwest::Method;
use serde_json::{Value, json};
use tenantry::{
    domain,
    kit::{
        db::{Mode, SystemTx},
        secret,
    },
};

const CONSOLE: &str = "/apis/console/v1alpha1";

/// Makes what this body says, and returns it.
async fn made(owner: &Person<'_>, what: &str, new: Value) -> Value {
    owner.post(&format!("{CONSOLE}/{what}"), &new).await.expect(200)
}

/// Sends a mail to this address, and returns the name of its message.
async fn make_message(owner: &Person<'_>, address: &str, leaves: bool) -> Value {
    let ask = json!({ "email": address, "purpose": "register" });
    let send = "/v1/email/send-verification";
    owner.tenant.anybody().post(send, &ask).await.expect(200);
    if leaves {
        owner.tenant.app.work().await;
    }
    newest_message(owner, address).await
}

/// The name of the newest message to this address.
async fn newest_message(owner: &Person<'_>, address: &str) -> Value {
    let list = owner.get(&format!("{CONSOLE}/messages?size=200")).await.expect(200);
    let mut items = list["items"].as_array().unwrap().iter();
    let made = items.find(|item| item["spec"]["to"] == address).unwrap();
    made["metadata"]["name"].clone()
}

/// Makes a message that can be sent again, and returns its name.
pub(super) async fn make_resendable(owner: &Person<'_>, address: &str) -> Value {
    let test = format!("{CONSOLE}/message-templates/verify_email/en/test");
    owner.post(&test, &json!({ "to": address })).await.expect(200);
    let name = newest_message(owner, address).await;
    let cancel = format!("{CONSOLE}/messages/{}/cancel", name.as_str().unwrap());
    owner.post(&cancel, &json!({})).await.expect(200);
    name
}

/// Has a relay refuse an address of this local part, and returns the address.
pub(super) async fn make_undeliverable(owner: &Person<'_>, local: &str) -> Value {
    let mut relay = sender(local);
    relay["spec"]["enabled"] = true.into();
    made(owner, "senders", relay).await;
    let address = format!("{local}@{GONE}");
    make_message(owner, &address, true).await;
    owner.delete(&format!("{CONSOLE}/senders/{local}")).await.expect(204);
    address.into()
}

/// Has a relay take a message, and returns its name.
pub(super) async fn make_sent(owner: &Person<'_>, local: &str) -> Value {
    let mut relay = sender(local);
    relay["spec"]["enabled"] = true.into();
    made(owner, "senders", relay).await;
    make_message(owner, &format!("{local}@example.com"), true).await
}

/// Makes a secret of the application or of the API of this number, and returns its name.
async fn make_secret(owner: &Person<'_>, operation: &Operation, of: usize) -> Value {
    let apis = format!("{CONSOLE}/resource-servers?fieldSelector=spec.audience=https://made-{of}.example");
    let of = match operation.path.contains("/resource-servers/") {
        true => {
            let list = owner.get(&apis).await.expect(200);
            let name = list["items"][0]["metadata"]["name"].as_str().unwrap();
            format!("resource-servers/{name}")
        }
        false => format!("applications/made-{of}"),
    };
    made(owner, &format!("{of}/secrets"), json!({})).await["metadata"]["name"].clone()
}

/// Makes a provider that can be enabled.
async fn make_provider(owner: &Person<'_>, name: &str) -> Value {
    let spec = json!({
        "kind": "oidc", "displayName": "Made", "clientId": "rp", "clientSecret": "hush",
        "issuer": Issuer::start().base,
    });
    let new = json!({ "metadata": { "name": name }, "spec": spec });
    made(owner, "auth-provider-configs", new).await["metadata"]["name"].clone()
}

/// Makes an identity of the user of the path, or of the caller, at the provider of the path.
async fn make_identity(owner: &Person<'_>, operation: &Operation, number: usize) -> Value {
    let made = |number: usize| format!("made-{number}");
    let user = match operation.object() {
        "-" => owner.name.clone(),
        _ => made(number - 2),
    };
    // Where the path has the provider's id, it was made with the provider.
    if !operation.path.contains("{idp_id}") {
        crate::provider::use_provider(owner, &user, &made(number - 1), &made(number)).await;
    }
    made(number).into()
}

/// Writes a template of messages with this subject.
async fn write_template(owner: &Person<'_>, subject: &str) {
    let new = json!({ "spec": { "subject": subject, "text": "{{ code }}", "html": "<p>{{ code }}</p>" } });
    let path = format!("{CONSOLE}/message-templates/verify_email/en");
    owner.put(&path, &new).await.expect(200);
}

/// What a template is named by.
fn part_of_template(parameter: &Value) -> &'static str {
    match parameter["name"] == "kind" {
        true => "verify_email",
        false => "en",
    }
}

/// What a path parameter is where every tenant has the same.
fn known_everywhere(operation: &Operation, parameter: &Value) -> Option<&'static str> {
    let is_below = |path: &str| operation.path.contains(path);
    if is_below("/message-templates/") {
        return Some(part_of_template(parameter));
    }
    if is_below("/configs/") {
        return Some(match parameter["name"] == "group" {
            true => "default",
            false => "cross-origin",
        });
    }
    let known = [
        ("/systemconfigs/", "mail"),
        ("/notifiers/", "default-email-notifier"),
        ("/settings/", "cross-origin"),
    ];
    known.iter().find(|(path, _)| is_below(path)).map(|(_, name)| *name)
}

/// Makes an object in the tenant of `owner` and returns what the path parameter is for it.
pub(super) async fn make(owner: &Person<'_>, operation: &Operation, parameter: &Value, number: usize) -> String {
    if let Some(part) = known_everywhere(operation, parameter) {
        return part.to_owned();
    }
    let schema = &parameter["schema"];
    let prefix = schema["pattern"]
        .as_str()
        .and_then(|pattern| pattern.strip_prefix('^')?.split_once('_'));
    let (name, address) = (format!("made-{number}"), format!("made-{number}@example.com"));
    let user = json!({ "name": name, "email": address, "password": PASSWORD, "mustChangePassword": false });
    let name = match (schema["format"].as_str(), prefix) {
        (Some("user-name"), _) => made(owner, "users", user).await["metadata"]["name"].clone(),
        (_, Some(("usr", _))) => made(owner, "users", user).await["status"]["id"].clone(),
        (Some("role-name"), _) => make_role(owner, &name, "", &[]).await["metadata"]["name"].clone(),
        // Of the user who was made for the parameter before.
        (_, Some(("ses", _))) => {
            let user = format!("made-{}", number - 1);
            owner.tenant.sign_in(&user).await;
            let list = owner.get(&format!("{CONSOLE}/users/{user}/sessions")).await.expect(200);
            list["items"][0]["metadata"]["name"].clone()
        }
        (_, Some(("ver", _))) => invite(owner, &address).await,
        // One that has left is not sent again.
        (_, Some(("msg", _))) if operation.id() == "ResendMessage" => make_resendable(owner, &address).await,
        (Some("email"), _) => make_undeliverable(owner, &name).await,
        (_, Some(("msg", _))) => make_message(owner, &address, operation.id() == "GetMessage").await,
        (_, Some(("idp", _))) => {
            let subject = format!("made-{}", number + 1);
            let id = crate::provider::use_provider(owner, &owner.name, &name, &subject).await;
            id.into()
        }
        // One that the user of the path signed in to.
        (Some("client-id"), _) if operation.path.contains("/users/") => {
            let user = match operation.object() {
                "-" => owner.name.clone(),
                _ => format!("made-{}", number - 1),
            };
            crate::oidc::use_application(owner, &user, &name).await;
            name.into()
        }
        (Some("client-id"), _) => {
            let new = json!({ "preset": "web-server", "metadata": { "name": name } });
            made(owner, "applications", new).await["metadata"]["name"].clone()
        }
        (Some("identity-subject"), _) => make_identity(owner, operation, number).await,
        (Some("provider-name"), _) => make_provider(owner, &name).await,
        (_, Some((kind @ ("rsv" | "att" | "atg" | "bak"), _))) => make_named(owner, kind, &name).await,
        (Some("file-name"), _) if operation.path.contains("/backups/") => newest_backup(owner).await,
        (Some("sender-name"), _) => {
            made(owner, "senders", sender(&name)).await;
            name.into()
        }
        (Some("tenant-name"), _) => make_tenant(owner, operation, &name).await,
        (Some("domain-name"), _) => make_domain(owner, operation, number).await,
        // Of the sender that was made for the parameter before.
        (Some("dkim-selector"), _) => make_dkim_key(owner, &format!("made-{}", number - 1)).await,
        // Of the application or the API that was made for the parameter before.
        (_, Some(("sec", _))) => make_secret(owner, operation, number - 1).await,
        _ => panic!(
            "nobody knows how to make the object of {parameter} of {}: teach `make`",
            operation.label()
        ),
    };
    name.as_str().unwrap().to_owned()
}

/// Makes something of the kind whose names begin so, and returns its name.
async fn make_named(owner: &Person<'_>, kind: &str, name: &str) -> Value {
    match kind {
        "rsv" => make_api(owner, name).await,
        "att" => make_attachment(owner, name).await,
        "atg" => make_group(owner, name).await,
        _ => make_backup(owner).await["metadata"]["name"].clone(),
    }
}

/// A tenant without an owner, as the operation wants one.
async fn make_tenant(operator: &Person<'_>, operation: &Operation, name: &str) -> Value {
    operator.post(TENANTS, &new_tenant(name)).await.expect(200);
    let verb = match operation.id() {
        "ResumeTenant" => Some((Method::POST, "/suspend")),
        "UndeleteTenant" => Some((Method::DELETE, "?confirm=")),
        _ => None,
    };
    if let Some((method, verb)) = verb {
        let mut path = format!("{TENANTS}/{name}{verb}");
        if method == Method::DELETE {
            path += name;
        }
        let request = operator.request(method, &path).json(&json!({}));
        operator.send(request).await.expect(200);
    }
    name.into()
}

/// A domain whose record is published: of the tenant that was made for the parameter before, if there is one.
async fn make_domain(owner: &Person<'_>, operation: &Operation, number: usize) -> Value {
    let name = format!("made-{number}-{:x}.example", u64::from_be_bytes(secret::random()));
    if operation.path.contains("/tenants/") {
        let app = &owner.tenant.app.app;
        let of = app
            .find_tenant(&format!("made-{}", number - 1))
            .await
            .unwrap()
            .unwrap()
            .id;
        let parsed = name.parse().unwrap();
        let claim = async |tx: &SystemTx| domain::claim(tx, of, &parsed).await;
        app.services.db.run_system(Mode::Write, claim).await.unwrap();
        return name.into();
    }
    let claimed = made(owner, "domains", json!({ "metadata": { "name": name } })).await;
    let record = |part: &str| claimed["status"]["record"][part].as_str().unwrap();
    dns::USUAL.say(record("name"), &[record("value")]);
    if operation.id() == "MakeDomainCanonical" {
        owner
            .post(&format!("{CONSOLE}/domains/{name}/verify"), &json!({}))
            .await
            .expect(200);
    }
    name.into()
}

/// An API.
async fn make_api(owner: &Person<'_>, name: &str) -> Value {
    let spec = json!({ "audience": format!("https://{name}.example"), "displayName": "Made" });
    let new = json!({ "spec": spec });
    made(owner, "resource-servers", new).await["metadata"]["name"].clone()
}

/// A key of a sender, with its record published.
pub(super) async fn make_dkim_key(owner: &Person<'_>, sender: &str) -> Value {
    let key = made(
        owner,
        &format!("senders/{sender}/dkim-keys"),
        json!({ "algorithm": "ed25519" }),
    )
    .await;
    let part = |part: &str| key["record"][part].as_str().unwrap();
    dns::USUAL.say(part("name"), &[part("value")]);
    key["selector"].clone()
}

/// The secret that reports of bounces are signed by.
pub(super) async fn make_bounce_secret(owner: &Person<'_>) -> String {
    let path = "notifiers/default-email-notifier/bounce-secret";
    let made = made(owner, path, Value::Null).await;
    made["secret"].as_str().unwrap().to_owned()
}

/// An invitation to this address.
async fn invite(owner: &Person<'_>, address: &str) -> Value {
    let new = json!({ "spec": { "email": address } });
    made(owner, "invitations", new).await["metadata"]["name"].clone()
}

/// A group of files.
async fn make_group(owner: &Person<'_>, name: &str) -> Value {
    let new = json!({ "spec": { "displayName": name } });
    made(owner, "attachment-groups", new).await["metadata"]["name"].clone()
}

/// A backup, whose file is there.
pub(super) async fn make_backup(owner: &Person<'_>) -> Value {
    // One is made at a time.
    owner.tenant.app.work().await;
    let backup = made(owner, "backups", json!({})).await;
    owner.tenant.app.work().await;
    backup
}

/// What the file of the newest backup is called.
async fn newest_backup(owner: &Person<'_>) -> Value {
    let files = owner.get(&format!("{CONSOLE}/backup-files")).await.expect(200);
    files[0]["filename"].clone()
}

/// Asks what a restore of the newest backup would do.
pub(super) async fn look_at_newest_backup(owner: &Person<'_>, path: &str) -> Reply {
    let form = json!({ "filename": newest_backup(owner).await, "dryRun": "true" });
    let request = owner.request(Method::POST, path).header("content-type", FORM);
    owner.send(request.body(texts(form.as_object().unwrap()))).await
}

/// A file of this name, which is a picture.
pub(crate) async fn make_attachment(owner: &Person<'_>, name: &str) -> Value {
    let request = owner.request(Method::POST, &format!("{CONSOLE}/attachments/upload"));
    let request = request.header("content-type", FORM).body(picture_of(name));
    owner.send(request).await.expect(200)["metadata"]["name"].clone()
}

pub(crate) const FORM: &str = "multipart/form-data; boundary=XX";

/// A form with a small picture.
pub(crate) fn picture() -> Vec<u8> {
    picture_of("a.png")
}

/// A form with these texts.
pub(super) fn texts(texts: &serde_json::Map<String, Value>) -> Vec<u8> {
    let parts = texts.iter().map(|(name, text)| {
        let text = text.as_str().unwrap();
        format!("--XX\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{text}\r\n")
    });
    let form: String = parts.chain(["--XX--\r\n".to_owned()]).collect();
    form.into_bytes()
}

/// The same with this name.
fn picture_of(name: &str) -> Vec<u8> {
    let png = include_bytes!("../support/files/avatar.png");
    let head = format!("--XX\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\r\n");
    [head.as_bytes(), png, b"\r\n--XX--\r\n"].concat()
}

/// The path with the query that the operation cannot do without.
pub(super) fn with_query(operation: &Operation, path: &str) -> String {
    match (operation.id(), path.rsplit('/').next()) {
        ("DeleteTenant", Some(name)) => format!("{path}?confirm={name}"),
        _ => path.to_owned(),
    }
}

/// Calls an operation with this path and a body that fits its schema.
pub(super) async fn call(person: &Person<'_>, operation: &Operation, path: &str) -> Reply {
    let mut request = person.request(operation.method.clone(), &with_query(operation, path));
    let schema = &operation.json["requestBody"]["content"]["application/json"]["schema"];
    if operation.json["requestBody"]["content"]["multipart/form-data"].is_object() {
        request = request.header("content-type", FORM).body(picture());
    }
    if !schema.is_null() {
        let documents = tenantry::groups::documents();
        let document = documents
            .iter()
            .find(|document| document.name == operation.document)
            .unwrap();
        let body = match operation.id() {
            // No tenant has the role that the document shows.
            "UpdateUserRole" => json!({ "role": "support" }),
            "UpdateSender" => json!({ "spec": sender("example")["spec"] }),
            "UpdateAuthProviderConfig" => {
                json!({ "spec": { "kind": "oidc", "displayName": "Made", "clientSecret": "hush" } })
            }
            "VerifySender" | "TestMessageTemplate" => json!({ "to": "ada@example.com" }),
            "SaveSenderConfig" | "VerifyConnection" => sender_config(),
            "UpdateSystemConfigByGroup" | "PatchSystemConfig" => json!({ "codeInSubject": true }),
            "UpdatePolicyConfigByGroup" => json!({ "allowedOrigins": ["https://b.example.com"] }),
            _ => example(&document.json, schema),
        };
        request = request.json(&body);
    }
    person.send(request).await
}

/// A relay that is there, as Halo has it: the one of the examples is not.
pub(super) fn sender_config() -> Value {
    // It starts the relay.
    sender("main");
    json!({
        "enable": false, "host": "127.0.0.1", "port": *PORT, "encryption": "NONE", "sender": "no-reply@mail.example",
    })
}

/// The name of an object that nobody has: as this one, but for its last character.
fn absent(made: &str) -> String {
    let (rest, last) = made.split_at(made.len() - 1);
    format!("{rest}{}", if last == "z" || last == "0" { "1" } else { "0" })
}

/// An answer without what differs from request to request.
fn essence(reply: &Reply) -> (u16, Value) {
    let mut body = reply.json();
    if let Some(body) = body.as_object_mut() {
        body.remove("requestId");
    }
    // In auth/v1 a detail of ZITADEL's comes first.
    for place in ["/details/0/metadata", "/details/1/metadata"] {
        if let Some(info) = body.pointer_mut(place) {
            *info = Value::Null;
        }
    }
    (reply.status.as_u16(), body)
}

#[tokio::test]
async fn an_object_of_one_tenant_does_not_exist_in_another() {
    let mut app = TestApp::start().await;
    app.abandon_jobs();
    let operator = app.default_tenant().owner().await;
    let of_a = app.tenant("a").await.owner().await;
    let of_b = app.tenant("b").await.owner().await;
    let mut tried = 0;
    // Every tenant has the same of these.
    let everywhere = ["/notifiers/{", "/message-templates/{", "/systemconfigs/", "/configs/{"];
    for operation in secured()
        .into_iter()
        .filter(|operation| !everywhere.iter().any(|path| operation.path.contains(path)))
    {
        // The tenants of the instance are there in one of them alone.
        let (owner, stranger) = match operation.document {
            "system.v1alpha1" => (&operator, &of_b),
            _ => (&of_a, &of_b),
        };
        let (mut path, mut nowhere) = (operation.path.clone(), operation.path.clone());
        let own_object = operation.object() == "-";
        for parameter in operation.path_parameters().filter(|_| !own_object) {
            tried += 1;
            let made = make(owner, &operation, parameter, tried).await;
            let name = format!("{{{}}}", parameter["name"].as_str().unwrap());
            path = path.replace(&name, &made);
            nowhere = nowhere.replace(&name, &absent(&made));
        }
        if path == operation.path {
            continue;
        }
        let label = operation.label();
        let foreign = call(stranger, &operation, &path).await;
        assert_eq!(foreign.status, 404, "{label} for a stranger: {}", foreign.text);
        // Answers that differ would tell the stranger that it is there.
        let missing = call(stranger, &operation, &nowhere).await;
        assert_eq!(essence(&foreign), essence(&missing), "{label}");
        let own = call(owner, &operation, &path).await;
        assert!(
            own.status.is_success(),
            "{label} for its owner: {} {}",
            own.status,
            own.text
        );
    }
    assert!(tried > 0, "some operation has an object in its path");
    app.work().await;
}

/// A role, an application, an API and a provider that are marked.
async fn make_marked(owner: &Person<'_>) {
    let role = json!({ "metadata": { "name": "only-a" }, "spec": { "displayName": "Of ada@example.com" } });
    made(owner, "roles", role).await;
    let rules = json!({ "rules": [{ "resources": ["users"], "verbs": ["list"] }] });
    let patch = owner.request(Method::PATCH, &format!("{CONSOLE}/roles/only-a"));
    owner.send(patch.json(&rules)).await.expect(200);
    let application = json!({ "preset": "native", "metadata": { "name": "only-a" } });
    made(owner, "applications", application).await;
    let api = json!({ "spec": { "audience": "https://only-a.example", "displayName": "Made" } });
    made(owner, "resource-servers", api).await;
    let provider = json!({ "metadata": { "name": "only-a" }, "spec": { "kind": "oidc", "displayName": "Made" } });
    made(owner, "auth-provider-configs", provider).await;
    made(owner, "domains", json!({ "metadata": { "name": "only-a.example" } })).await;
}

#[tokio::test]
async fn lists_of_one_tenant_have_nothing_of_another() {
    let mut app = TestApp::start().await;
    app.abandon_jobs();
    let (a, b) = (app.tenant("a").await, app.tenant("b").await);
    a.sign_up("ada").await;
    app.work().await;
    let (owner, stranger) = (a.owner().await, b.owner().await);
    let invited = json!({ "spec": { "email": "only-a@example.com" } });
    made(&owner, "invitations", invited).await;
    app.work().await;
    made(&owner, "senders", sender("only-a-sender")).await;
    make_marked(&owner).await;
    write_template(&owner, "only-a").await;
    let keys = owner.get(&format!("{CONSOLE}/signing-keys")).await.expect(200);
    let kid = keys["items"][0]["metadata"]["name"].as_str().unwrap();
    make_undeliverable(&owner, "only-a-relay").await;
    make_attachment(&owner, "only-a.png").await;
    make_group(&owner, "only-a").await;
    let backup = make_backup(&owner).await;
    let file = backup["status"]["filename"].as_str().unwrap();
    let marks = ["ada@example.com", "only-a", kid, file];
    let marked = |list: &Value| marks.iter().any(|mark| list.to_string().contains(mark));

    let mut lists = 0;
    let listing = secured()
        .into_iter()
        .filter(|operation| operation.id().starts_with("List"));
    for operation in listing.filter(|operation| operation.path_parameters().next().is_none()) {
        // What is one's own has nothing of others within the tenant, either; and the tenants of the instance are in no
        // list of theirs.
        if operation.object() == "-" || operation.document == "system.v1alpha1" {
            continue;
        }
        lists += 1;
        let own = owner.get(&operation.path).await.expect(200);
        assert!(marked(&own), "{}: {own}", operation.label());
        let foreign = stranger.get(&operation.path).await.expect(200);
        assert!(!marked(&foreign), "{}: {foreign}", operation.label());
        let mut parameters = operation.json["parameters"].as_array().into_iter().flatten();
        if parameters.any(|parameter| parameter["name"] == "keyword") {
            let path = format!("{}?keyword=ada", operation.path);
            let searched = stranger.get(&path).await.expect(200);
            assert!(!marked(&searched), "{}: {searched}", operation.label());
        }
    }
    assert!(lists > 0, "some operation lists");
}

#[tokio::test]
async fn a_name_in_two_tenants_is_two_objects() {
    let app = TestApp::start().await;
    let (a, b) = (app.tenant("a").await, app.tenant("b").await);
    let path = format!("{CONSOLE}/users/admin");
    let (of_a, of_b) = (a.owner().await, b.owner().await);

    // Turn by turn, so that an answer kept for one tenant would be given to the other.
    for _ in 0..20 {
        let ids = [&of_a, &of_b].map(|owner| owner.tokens["user"]["userId"].clone());
        assert_eq!(of_a.get(&path).await.expect(200)["user"]["status"]["id"], ids[0]);
        assert_eq!(of_b.get(&path).await.expect(200)["user"]["status"]["id"], ids[1]);
    }
    let keyed = of_a
        .request(Method::GET, &path)
        .header("x-forwarded-host", "b.127.0.0.1")
        .header("x-tenant-id", "b");
    let answer = of_a.send(keyed).await.expect(200);
    assert_eq!(
        answer["user"]["status"]["id"], of_a.tokens["user"]["userId"],
        "headers name no tenant"
    );
}
