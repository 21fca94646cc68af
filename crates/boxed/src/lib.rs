//! Async functions that answer boxed futures.
//!
//! A future says what it holds by its type, and so do all that wait for it: the compiler looks through the whole of
//! what a handler does each time it asks whether one of the layers around the handler is `Send`, about twenty times for
//! each. A boxed future says it once. It costs an allocation for each call, which a request does not notice.

use proc_macro::TokenStream;
use quote::quote;
use syn::{
    ImplItem, ImplItemFn, ItemImpl, Lifetime, Receiver, ReturnType, TypeReference, parse_macro_input, parse_quote,
    visit_mut::{self, VisitMut},
};

/// Each async function of the impl answers a `Pin<Box<dyn Future + Send>>`, which borrows all that the function does.
///
/// Below `#[OpenApi]`, which wants its operations to be async.
#[proc_macro_attribute]
pub fn boxed(_: TokenStream, item: TokenStream) -> TokenStream {
    let mut item = parse_macro_input!(item as ItemImpl);
    for item in &mut item.items {
        if let ImplItem::Fn(function) = item
            && function.sig.asyncness.is_some()
        {
            box_it(function);
        }
    }
    quote!(#item).into()
}

fn box_it(function: &mut ImplItemFn) {
    let ImplItemFn { sig, block, .. } = function;
    sig.asyncness = None;
    for argument in &mut sig.inputs {
        Borrowed.visit_fn_arg_mut(argument);
    }
    sig.generics.params.insert(0, parse_quote!('borrowed));
    let answer = match &sig.output {
        ReturnType::Default => quote!(()),
        ReturnType::Type(_, answer) => quote!(#answer),
    };
    sig.output = parse_quote! {
        -> ::std::pin::Pin<::std::boxed::Box<dyn ::std::future::Future<Output = #answer> + ::std::marker::Send + 'borrowed>>
    };
    *block = parse_quote!({ ::std::boxed::Box::pin(async move #block) });
}

/// Names each lifetime that is not named.
struct Borrowed;

impl VisitMut for Borrowed {
    fn visit_receiver_mut(&mut self, receiver: &mut Receiver) {
        if let Some((_, lifetime)) = &mut receiver.reference {
            lifetime.get_or_insert_with(|| parse_quote!('borrowed));
        }
        visit_mut::visit_receiver_mut(self, receiver);
    }

    fn visit_type_reference_mut(&mut self, reference: &mut TypeReference) {
        reference.lifetime.get_or_insert_with(|| parse_quote!('borrowed));
        visit_mut::visit_type_reference_mut(self, reference);
    }

    fn visit_lifetime_mut(&mut self, lifetime: &mut Lifetime) {
        if lifetime.ident == "_" {
            *lifetime = parse_quote!('borrowed);
        }
    }
}
