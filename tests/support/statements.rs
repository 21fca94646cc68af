//! The statements that requests issue, as the server's own trace tells them.

use std::{
    collections::HashMap,
    sync::{LazyLock, Mutex, OnceLock},
};
use tracing::{Event, Metadata, Subscriber, field, span};
use tracing_subscriber::{
    Layer,
    layer::{Context, SubscriberExt},
    registry::{LookupSpan, Registry},
};

const TARGET: &str = "tenantry::statement";

/// What each request issued so far, by its id.
static ISSUED: LazyLock<Mutex<HashMap<String, Vec<String>>>> = LazyLock::new(Mutex::default);

/// Collects the statements of every request of this process from now on.
pub(crate) fn collect() {
    static COLLECTING: OnceLock<()> = OnceLock::new();
    COLLECTING.get_or_init(|| {
        tracing::subscriber::set_global_default(Registry::default().with(Collector)).unwrap();
    });
}

/// The statements of the request of this id, in order, once.
pub(crate) fn of(request: &str) -> Vec<String> {
    ISSUED.lock().unwrap().remove(request).unwrap_or_default()
}

struct Collector;

struct RequestId(String);

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Collector {
    /// Nothing else is enabled, so that it costs nothing.
    fn enabled(&self, metadata: &Metadata<'_>, _: Context<'_, S>) -> bool {
        metadata.target() == TARGET || is_request(metadata) || metadata.name() == "scratch"
    }

    fn on_new_span(&self, attributes: &span::Attributes<'_>, id: &span::Id, context: Context<'_, S>) {
        if !is_request(attributes.metadata()) {
            return;
        }
        let request = text_of("id", |visitor| attributes.record(visitor));
        context.span(id).unwrap().extensions_mut().insert(RequestId(request));
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        // What the worker issues belongs to no request, and what is asked of tables that a backup is read into to no tenant.
        let Some(span) = context.event_span(event) else { return };
        let extensions = span.extensions();
        let Some(RequestId(request)) = extensions.get() else {
            return;
        };
        let sql = text_of("sql", |visitor| event.record(visitor));
        ISSUED.lock().unwrap().entry(request.clone()).or_default().push(sql);
    }
}

fn is_request(metadata: &Metadata<'_>) -> bool {
    metadata.is_span() && metadata.target() == "tenantry_core::kit::http" && metadata.name() == "request"
}

/// The text of this field of what is recorded.
fn text_of(name: &'static str, record: impl FnOnce(&mut dyn field::Visit)) -> String {
    struct Text(&'static str, Option<String>);
    impl field::Visit for Text {
        fn record_str(&mut self, field: &field::Field, value: &str) {
            if field.name() == self.0 {
                self.1 = Some(value.to_owned());
            }
        }

        fn record_debug(&mut self, _: &field::Field, _: &dyn std::fmt::Debug) {}
    }
    let mut text = Text(name, None);
    record(&mut text);
    text.1.unwrap_or_else(|| panic!("the trace has no field `{name}`"))
}
