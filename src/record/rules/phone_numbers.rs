//! The rule of the phone numbers and their types.

use std::collections::HashSet;

use crate::record::RecordNumber;
use crate::record::characters::is_blank;
use crate::record::draft::{Draft, DraftNumber};
use crate::record::errors::{RecordError, RecordErrorCode, RecordErrors};
use crate::record::member::{Member, Object, Text};
use crate::record::phone_number::{PhoneNumber, PhoneType};

/// The numbers of `phone_numbers`, or the deprecated `phone_number` if that is absent. A number that is written like
/// one of `stored` is not checked again.
pub fn phone_numbers(draft: &Draft<'_>, stored: &[&str], errors: &mut RecordErrors) -> Option<Vec<RecordNumber>> {
    let error = |code, description| RecordError::new(code, "phone_numbers", description);
    match (&draft.phone_numbers, &draft.phone_number) {
        (numbers, number) if numbers.is_absent() && number.is_absent() => {}
        (numbers, number) if numbers.is_absent() => {
            let number = phone_number(number, stored, || "phone_number".to_owned(), errors);
            let mobile = |phone_number| RecordNumber { phone_number, phone_type: PhoneType::Mobile };
            return number.map(|number| vec![mobile(number)]);
        }
        (Member::Value(entries), _) if entries.is_empty() => {
            errors
                .add(error(RecordErrorCode::PhoneNumberMissing, "The array is empty; send at least one phone number."));
        }
        (Member::Value(entries), _) => return Some(record_numbers(entries, stored, errors)),
        _ => errors.add(error(
            RecordErrorCode::PhoneNumberInvalid,
            "The value must be an array of objects, each with one `phone_number` and one `phone_type`.",
        )),
    }
    None
}

fn record_numbers(
    entries: &[Object<DraftNumber<'_>>],
    stored: &[&str],
    errors: &mut RecordErrors,
) -> Vec<RecordNumber> {
    let mut types = HashSet::new();
    let record_number = |(index, Object(entry)): (usize, &Object<DraftNumber<'_>>)| {
        let phone_type = phone_type(&entry.phone_type, &mut types).map_err(|description| {
            let name = format!("phone_numbers[{index}].phone_type");
            errors.add(RecordError::at(RecordErrorCode::PhoneNumberInvalid, name, description));
        });
        let name = || format!("phone_numbers[{index}].phone_number");
        let phone_number = phone_number(&entry.phone_number, stored, name, errors)?;
        Some(RecordNumber { phone_number, phone_type: phone_type.ok()? })
    };
    entries.iter().enumerate().filter_map(record_number).collect()
}

/// The type of an entry, which must not be among the `types` of earlier entries.
fn phone_type(sent: &Member<Text<'_>>, types: &mut HashSet<PhoneType>) -> Result<PhoneType, &'static str> {
    let phone_type: Option<PhoneType> = sent.value().and_then(|text| text.as_str().parse().ok());
    match (sent, phone_type) {
        (Member::Absent | Member::Null, _) => {
            Err("The type is missing; send HOME, OFFICE, MOBILE, EXTRA_1, EXTRA_2 or EXTRA_3.")
        }
        (_, None) => Err("The type must be HOME, OFFICE, MOBILE, EXTRA_1, EXTRA_2 or EXTRA_3."),
        (_, Some(phone_type)) if types.insert(phone_type) => Ok(phone_type),
        _ => Err("An earlier entry has the same type; each type can occur once in a record."),
    }
}

fn phone_number(
    sent: &Member<Text<'_>>,
    stored: &[&str],
    name: impl FnOnce() -> String,
    errors: &mut RecordErrors,
) -> Option<PhoneNumber> {
    let (invalid, missing) = (RecordErrorCode::PhoneNumberInvalid, RecordErrorCode::PhoneNumberMissing);
    let number = match sent {
        Member::Absent | Member::Null => {
            Err((missing, "The number is missing; send it in international form, such as +351929312319."))
        }
        Member::WrongType => {
            Err((invalid, "The number must be a string in international form, such as +351929312319."))
        }
        Member::Value(text) if stored.contains(&text.as_str()) => Ok(PhoneNumber::stored(text.as_str())),
        Member::Value(text) if is_blank(text.as_str()) => {
            Err((missing, "The number is blank; send it in international form, such as +351929312319."))
        }
        Member::Value(text) => PhoneNumber::parse(text.as_str()).map_err(|description| (invalid, description)),
    };
    number.map_err(|(code, description)| errors.add(RecordError::at(code, name(), description))).ok()
}
