"""Which test proves which requirement of the OWASP Application Security Verification Standard 5.0.0; `make asvs`.

requirements.csv holds the standard's numbers, levels and chapter names beside our own classification and reasons; the
text of the requirements is not copied. OWASP ASVS 5.0.0, (c) The OWASP Foundation, CC BY-SA 4.0,
https://github.com/OWASP/ASVS. A test says what it proves: `@pytest.mark.asvs("V6.2.1")`. The other files here prove
what no feature's own tests show: what the source does not contain, and that documented.toml says what the code does.
"""
