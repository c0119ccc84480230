/** Why a list by price requires a currency: 3,000 yen are not more than 25 euros. */
export const needsCurrency = { field: 'currency', message: 'is needed: prices are compared within one currency' }
