//! The names that exports give their columns.
//!
//! To teach the program another name, add it to its row. Letter case, accents, spaces and punctuation do not matter, nor does
//! `(required)`; `#` stands for a number. The labels of numbers (`Phone 1 - Label`) are looked up here too.

use super::field::Field;

/// A meaning, and the names for it.
pub struct Row {
    pub field: Field,
    pub names: &'static str,
}

/// The table.
pub const TABLE: &[Row] = &[
    Row {
        field: Field::Text("first_name"),
        names: "first name, given name, forename, contact first name, \
                nome, nome próprio, primeiro nome, nombre, prénom, Vorname",
    },
    Row {
        field: Field::Text("last_name"),
        names: "last name, surname, family name, contact last name, \
                apelido, apelidos, sobrenome, último nome, apellido, apellidos, nom, nom de famille, Nachname, Familienname, \
                cognome",
    },
    Row {
        field: Field::Text("timezone"),
        names: "time zone, IANA time zone, fuso horário, zona horaria, fuseau horaire, Zeitzone",
    },
    Row { field: Field::Text("external_provider"), names: "external provider" },
    Row { field: Field::Text("external_id"), names: "external id" },
    Row { field: Field::Text("external_url"), names: "external url" },
    Row { field: Field::SyncExternalId, names: "sync external id" },
    Row { field: Field::Priority, names: "priority, prioridade, prioridad, priorité, Priorität" },
    Row {
        field: Field::Number("MOBILE"),
        names: "mobile, mobile #, mobile phone, mobile phone #, mobile phone number, mobile number, \
                cell, cell #, cell phone, cell phone number, cell number, cellular, phone mobile, phone cell, \
                telemóvel, telemóvel #, nº telemóvel, nº de telemóvel, móvel, telefone móvel, celular, celular #, telefone celular, \
                móvil, teléfono móvil, portable, téléphone portable, téléphone mobile, \
                Handy, Handynummer, Mobil, Mobiltelefon, Mobilnummer, Mobilfunk, cellulare, telefono cellulare",
    },
    Row {
        field: Field::Number("HOME"),
        names: "home, home #, home phone, home phone #, home phone number, home number, phone home, \
                casa, telefone de casa, telefone residencial, teléfono casa, teléfono particular, \
                domicile, téléphone domicile, téléphone fixe, Telefon privat, Privat, Festnetz",
    },
    Row {
        field: Field::Number("OFFICE"),
        names: "office, office phone, office phone number, office number, phone office, \
                work, work #, work phone, work phone #, work phone number, work number, phone work, \
                business phone, business phone #, business phone number, business number, company phone, company main phone, \
                trabalho, telefone do trabalho, telefone comercial, telefone profissional, trabajo, teléfono trabajo, \
                travail, bureau, téléphone bureau, téléphone professionnel, \
                Arbeit, Geschäftlich, Telefon geschäftlich, Büro",
    },
    Row { field: Field::Number("EXTRA_1"), names: "extra 1" },
    Row { field: Field::Number("EXTRA_2"), names: "extra 2" },
    Row { field: Field::Number("EXTRA_3"), names: "extra 3" },
    Row {
        field: Field::Phone,
        names: "phone, phone #, phone number, phone number #, phone # value, phone value, phone no, number #, \
                telephone, telephone #, telephone number, tel, tel #, tel no, contact number, contact phone, \
                primary phone, primary phone number, main phone, other phone, other phone number, alt phone, alt phone #, \
                alternate phone, alternative phone, secondary phone, car phone, callback, \
                WhatsApp, WhatsApp number, WhatsApp phone number, \
                telefone, telefone #, nº telefone, nº de telefone, número de telefone, telef, tlm, teléfono, teléfono #, \
                número de teléfono, numéro de téléphone, Telefon, Telefon #, Telefonnummer, \
                Rufnummer, numero di telefono",
    },
    Row { field: Field::PhoneCode, names: "phone code, calling code, country calling code, dial code, dialing code" },
    Row {
        field: Field::PhoneLabel,
        names: "phone # label, phone # type, phone number # type, phone type, phone label",
    },
    // Numbers that nobody is to dial, or that are somebody else's.
    Row {
        field: Field::Extra,
        names: "fax, fax #, fax number, fax phone, business fax, home fax, work fax, other fax, pager, telex, ISDN, \
                TTY/TDD phone, radio phone, assistant's phone, assistant phone, asst phone",
    },
];
