// What the explorer opens with. The case is the ready one of the demonstration, and invented: region 99 does not exist.
const CATALOGUE = `# 证照目录：无需令牌 · The catalogue: no token needed. Ctrl-Enter runs it.
query Catalogue {
  licenceTypes(first: 24) {
    edges {
      node {
        key
        typeCode
        name { zh en }
        sharingClass
        fields { path title { zh en } sensitivity }
      }
    }
  }
}
`;

const LICENCE = `# 办件查证照：需要令牌；请在下方填写您的事项、办件与申请人。
# A licence in a case: paste a token above; below, put in your own item, case and applicant. Every read is recorded.
query LicenceInCase($case: CaseInput!, $number: String!) {
  case(input: $case) {
    ... on Case {
      caseNumber
      grantedTypes { key name { zh en } }
      licence(type: "BusinessLicence", number: $number) {
        ... on BusinessLicence {
          identifier
          status
          validUntil
          number
          name
          legalRepresentative
          withheld { path reason }
          proof { sdJwt receipt }
        }
        ... on Problem { code message }
      }
    }
    ... on Problem { code message }
  }
}
`;

const VERIFY = `# 验证证照：无需令牌 · Verify a presentation: no token needed.
query VerifyPresentation($presentation: String!) {
  verifyLicence(presentation: $presentation) {
    result
    checks { name outcome subIndication detail }
    claims
  }
}
`;

const CASE = {
  case: {
    serviceItem: "1199010000990006443000199904000",
    caseNumber: "HYG-2026-0001",
    applicant: { codeType: "001", code: "91990104MA9Y00004Q" },
    legalBasis: "《公共场所卫生管理条例》第四条",
  },
  number: "91990104MA9Y00004Q",
};

const written = (variables) => JSON.stringify(variables, null, 2);

export const EXAMPLES = [
  { query: CATALOGUE, variables: "" },
  { query: LICENCE, variables: written(CASE) },
  { query: VERIFY, variables: written({ presentation: "" }) },
];
