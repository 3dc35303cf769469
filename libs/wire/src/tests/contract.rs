//! The descriptors: comments on everything, reasons that exist, numbers that agree, and a stored format apart.

use std::collections::BTreeSet;

use lienthong_dossier::{
    ApplicantKind, Channel, CopyForm, Delivery, Denial, FieldClass, Medium, PaymentChannel, Power, Purpose,
    ReadKind, Status, Subject,
};
use prost::Message as _;
use prost_reflect::{DescriptorPool, Kind, MessageDescriptor, MethodDescriptor};
use prost_types::{DescriptorProto, EnumDescriptorProto, FileDescriptorProto, FileDescriptorSet};

use crate::pb::common::v1::ErrorReason;
use crate::{Coded, DESCRIPTOR_SET, reason};

fn pool() -> DescriptorPool {
    DescriptorPool::decode(DESCRIPTOR_SET).unwrap()
}

fn files() -> Vec<FileDescriptorProto> {
    let set = FileDescriptorSet::decode(DESCRIPTOR_SET).unwrap();
    set.file.into_iter().filter(|file| file.package().starts_with("lienthong.")).collect()
}

fn methods(pool: &DescriptorPool) -> Vec<MethodDescriptor> {
    pool.services().flat_map(|service| service.methods().collect::<Vec<_>>()).collect()
}

/// A path of source info to the n-th item of a list of the element that the path leads to.
fn below(path: &[i32], list: i32, n: usize) -> Vec<i32> {
    [path, &[list, i32::try_from(n).unwrap()]].concat()
}

/// The paths of everything in a message that must have a comment, with names.
fn of_message(message: &DescriptorProto, path: &[i32], names: &mut Vec<(Vec<i32>, String)>) {
    names.push((path.to_vec(), message.name().to_owned()));
    for (n, field) in message.field.iter().enumerate() {
        names.push((below(path, 2, n), format!("{}.{}", message.name(), field.name())));
    }
    for (n, nested) in message.nested_type.iter().enumerate() {
        of_message(nested, &below(path, 3, n), names);
    }
    for (n, nested) in message.enum_type.iter().enumerate() {
        of_enum(nested, &below(path, 4, n), names);
    }
    let synthetic = |n: usize| {
        let field = message.field.iter().find(|field| field.oneof_index == i32::try_from(n).ok());
        field.is_some_and(|field| field.proto3_optional())
    };
    for (n, oneof) in message.oneof_decl.iter().enumerate().filter(|(n, _)| !synthetic(*n)) {
        names.push((below(path, 8, n), format!("{}.{}", message.name(), oneof.name())));
    }
}

fn of_enum(of: &EnumDescriptorProto, path: &[i32], names: &mut Vec<(Vec<i32>, String)>) {
    names.push((path.to_vec(), of.name().to_owned()));
    for (n, value) in of.value.iter().enumerate() {
        names.push((below(path, 2, n), value.name().to_owned()));
    }
}

#[test]
fn everything_in_the_contract_has_a_comment() {
    let mut missing = Vec::new();
    for file in files() {
        let mut names = vec![(vec![12], "syntax".to_owned())];
        for (n, message) in file.message_type.iter().enumerate() {
            of_message(message, &[4, i32::try_from(n).unwrap()], &mut names);
        }
        for (n, of) in file.enum_type.iter().enumerate() {
            of_enum(of, &[5, i32::try_from(n).unwrap()], &mut names);
        }
        for (n, service) in file.service.iter().enumerate() {
            let path = [6, i32::try_from(n).unwrap()];
            names.push((path.to_vec(), service.name().to_owned()));
            for (n, method) in service.method.iter().enumerate() {
                names.push((below(&path, 2, n), format!("{}.{}", service.name(), method.name())));
            }
        }
        let commented: BTreeSet<_> = file
            .source_code_info
            .iter()
            .flat_map(|info| &info.location)
            .filter(|location| !location.leading_comments().trim().is_empty())
            .map(|location| location.path.clone())
            .collect();
        let bare = names.into_iter().filter(|(path, _)| !commented.contains(path));
        missing.extend(bare.map(|(_, name)| format!("{}: {name}", file.name())));
    }
    assert_eq!(missing, Vec::<String>::new());
}

#[test]
fn a_package_lies_in_the_folder_of_its_name() {
    for file in files() {
        let (folder, _) = file.name().rsplit_once('/').unwrap();
        assert_eq!(file.package(), folder.replace('/', "."));
    }
}

#[test]
fn every_command_begins_with_header_and_code_and_is_answered_with_a_receipt() {
    let services = ["Casework", "WardDesk", "LandRegistry", "TaxOffice", "History"];
    let pool = pool();
    let of_services =
        methods(&pool).into_iter().filter(|method| services.contains(&method.parent_service().name()));
    let queries = ["NextCode", "Assess", "GetNotice"];
    let commands: Vec<_> = of_services.filter(|method| !queries.contains(&method.name())).collect();
    assert_eq!(commands.len(), 25 + 8 + 2 + 8 + 1);
    for method in commands {
        let input = method.input();
        assert_eq!(input.name(), format!("{}Request", method.name()));
        assert_eq!(input.get_field(1).unwrap().name(), "header");
        assert_eq!(input.get_field(2).unwrap().name(), "code");
        assert_eq!(method.output().full_name(), "lienthong.common.v1.Receipt");
    }
}

#[test]
fn comments_of_methods_name_reasons_that_exist() {
    let reasons: BTreeSet<_> = reasons().into_iter().collect();
    let grpc = [
        "INVALID_ARGUMENT",
        "NOT_FOUND",
        "ALREADY_EXISTS",
        "PERMISSION_DENIED",
        "FAILED_PRECONDITION",
        "RESOURCE_EXHAUSTED",
    ];
    for file in files().into_iter().filter(|file| !file.service.is_empty()) {
        for location in file.source_code_info.iter().flat_map(|info| &info.location) {
            if !matches!(location.path.as_slice(), [6, _, 2, _]) {
                continue;
            }
            let words = location.leading_comments().split(|c: char| !(c.is_ascii_uppercase() || c == '_'));
            for word in words.filter(|word| word.contains('_')) {
                assert!(grpc.contains(&word) || reasons.contains(word), "{}: {word}", file.name());
            }
        }
    }
}

fn reasons() -> Vec<&'static str> {
    let values = pool().get_enum_by_name("lienthong.common.v1.ErrorReason").unwrap();
    let value = |number| reason(ErrorReason::try_from(number).unwrap());
    values.values().map(|of| value(of.number())).collect()
}

#[test]
fn every_denial_has_its_reason_in_the_contract() {
    let published: BTreeSet<_> = reasons().into_iter().collect();
    let unpublished: Vec<_> = Denial::REASONS
        .iter()
        .map(|(reason, _)| *reason)
        .filter(|reason| !published.contains(reason))
        .collect();
    assert_eq!(unpublished, Vec::<&str>::new());
}

#[test]
fn codes_have_one_number_and_one_name_on_both_sides() {
    fn check<T: Coded>(name: &str, prefix: &str, all: &[T], of: impl Fn(T) -> String) {
        let published = pool().get_enum_by_name(&format!("lienthong.common.v1.{name}")).unwrap();
        assert_eq!(published.values().len(), all.len() + 1);
        for code in all {
            let value = published.get_value(code.number()).unwrap();
            assert_eq!(value.name(), format!("{prefix}_{}", of(*code)));
            assert_eq!(T::from_number(code.number()).map(Coded::number), Some(code.number()));
        }
        assert!(T::from_number(0).is_none());
    }
    let upper = |text: &str| text.to_uppercase().replace('-', "_");
    check("Channel", "CHANNEL", Channel::ALL, |code| upper(code.as_str()));
    check("ApplicantKind", "APPLICANT_KIND", ApplicantKind::ALL, |code| upper(code.as_str()));
    check("CopyForm", "COPY_FORM", CopyForm::ALL, |code| upper(code.as_str()));
    check("Medium", "MEDIUM", Medium::ALL, |code| upper(code.as_str()));
    check("Subject", "SUBJECT", Subject::ALL, |code| upper(code.as_str()));
    check("PaymentChannel", "PAYMENT_CHANNEL", PaymentChannel::ALL, |code| upper(code.as_str()));
    check("Power", "POWER", Power::ALL, |code| upper(code.as_str()));
    check("Purpose", "PURPOSE", Purpose::ALL, |code| upper(code.as_str()));
    check("ReadKind", "READ_KIND", ReadKind::ALL, |code| upper(code.as_str()));
    check("FieldClass", "FIELD_CLASS", FieldClass::ALL, |code| upper(code.as_str()));
    check("Delivery", "DELIVERY", Delivery::ALL, |code| upper(code.as_str()));
    check("Status", "STATUS", &Status::ALL, |code| {
        let words = format!("{code:?}").chars().fold(String::new(), |name, c| {
            if c.is_uppercase() && !name.is_empty() { format!("{name}_{c}") } else { format!("{name}{c}") }
        });
        words.to_uppercase()
    });
}

/// Everything a message is made of, itself first.
fn reached(message: &MessageDescriptor, seen: &mut BTreeSet<String>) {
    if !seen.insert(message.full_name().to_owned()) {
        return;
    }
    for field in message.fields() {
        if let Kind::Message(inner) = field.kind() {
            reached(&inner, seen);
        }
    }
}

#[test]
fn no_service_speaks_of_the_stored_format() {
    let pool = pool();
    let mut seen = BTreeSet::new();
    for method in methods(&pool) {
        reached(&method.input(), &mut seen);
        reached(&method.output(), &mut seen);
    }
    assert!(seen.contains("lienthong.reading.v1.Dossier"));
    let stored: Vec<_> = seen.iter().filter(|name| name.starts_with("lienthong.log.")).collect();
    assert_eq!(stored, Vec::<&String>::new());
}

#[test]
fn nothing_that_is_read_speaks_of_persons() {
    let pool = pool();
    let mut seen = BTreeSet::new();
    for method in methods(&pool).into_iter().filter(|method| method.parent_service().name() == "Reading") {
        reached(&method.output(), &mut seen);
    }
    let personal: Vec<_> = seen.iter().filter(|name| name.starts_with("lienthong.personal.")).collect();
    assert_eq!(personal, Vec::<&String>::new());
}

#[test]
fn the_stored_format_has_no_maps_no_floats_and_says_since_when_it_knows_a_field() {
    let pool = pool();
    let stored = pool.all_messages().filter(|message| message.full_name().starts_with("lienthong.log."));
    for field in stored.flat_map(|message| message.fields().collect::<Vec<_>>()) {
        assert!(!field.is_map(), "{}", field.full_name());
        assert!(!matches!(field.kind(), Kind::Float | Kind::Double), "{}", field.full_name());
    }
    for file in files().into_iter().filter(|file| file.package() == "lienthong.log.v1") {
        for location in file.source_code_info.iter().flat_map(|info| &info.location) {
            if matches!(location.path.as_slice(), [4, _, 2, _]) {
                let comment = location.leading_comments();
                assert!(comment.contains("Since rules "), "{}: {comment}", file.name());
            }
        }
    }
}

#[test]
fn personal_details_have_one_encoding() {
    let pool = pool();
    for message in
        pool.all_messages().filter(|message| message.full_name().starts_with("lienthong.personal."))
    {
        for field in message.fields() {
            assert!(
                !field.is_map() && !matches!(field.kind(), Kind::Float | Kind::Double),
                "{}",
                field.full_name()
            );
        }
    }
}
