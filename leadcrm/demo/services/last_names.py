"""Last names, the commonest first; what stands before the last word in lower case is the name prefix."""

DUTCH = """
de Jong, Jansen, de Vries, van den Berg, van Dijk, Bakker, Janssen, Visser, Smit, Meijer, de Boer, Mulder, de Groot,
Bos, Vos, Peters, Hendriks, van Leeuwen, Dekker, Brouwer, de Wit, Dijkstra, Smits, de Graaf, van der Meer, van der
Linden, Kok, Jacobs, de Haan, Vermeulen, van den Heuvel, van der Veen, van den Broek, de Bruijn, de Bruin, van der
Heijden, Schouten, van Beek, Willems, van Vliet, van de Ven, Hoekstra, Maas, Verhoeven, Koster, van Dam, van der Wal,
Prins, Blom, Huisman, Peeters, de Jonge, Kuipers, van Veen, Kuiper, Veenstra, Kramer, van den Brink, Gerritsen, van
Wijk, van der Laan, Post, Martens, van den Bosch, de Koning, van der Velde, de Lange, Evers, van Rijn, Boers, van Es,
Driessen, Schipper, van Dongen, Hermans, Groen, Wolters, de Ruiter, van de Velde, Timmermans, van den Bos, Gerrits,
van Loon, Postma, Molenaar, van Doorn, van der Ploeg, Bosman, Verbeek, Kuijpers, Scholten, van der Wijk, Bosch,
Wagenaar, de Leeuw, Hofman, Willemsen, Bouwman, van Wijngaarden, Sanders, Boon, Zijlstra, van den Hoek, de Rooij, van
Gelder, Wiersma, van der Horst, Kroon, Rietveld, Terpstra, Zwart, de Bie, van der Pol, Jonker, Verschoor, Hoogendoorn,
Hoeksma, Kooistra, Bergsma, van der Zee, Pronk, Stam, Kort, Nijhuis, Schut, Veldhuis, Nijland, ter Haar, te Velde, ten
Brink, ten Have, ter Horst, Oude Luttikhuis, Lammers, Roelofs, Ras, Rutten, Claessens, Geurts, Thijssen, Custers,
Crombach, Gielen, Janssens, van Kessel, van der Sanden, van Gorp, Adriaansen, Oomen, Backx, van Oers, Broeders,
Verhagen, van der Aa, Hendrikx, Nouwens, Snijders, Kanters, Vissers, van Boxtel, van Eijk, Spierings, van Heeswijk,
Swinkels, van de Laar, Aarts, van Lieshout, van Asten, Manders, Slegers, Wijnen, Beckers, Bovens, Hamers, Vroemen,
Frissen, Schreurs, Theunissen, Wouters, Engelen, Coenen, Smeets, Zandstra, Haringsma, Sikkema, Bouma, Wijbenga,
Hofstra, de Jager, Bruinsma, Hiemstra, Tuinstra, Elzinga, Kloosterman, Wierda, Boersma, Feenstra, Tamminga, Nauta,
Miedema, Reitsma, Jellema, Ritsema, Wiersinga, van der Molen, van der Schaaf, Pietersma, Bijlsma, Sytsma, Vonk, van
Straten, Oosterhof, Westra, Zuidema, Noordhof, Drenth, Haan, Huizinga, Wolthuis, Meinders, Harms, Smid, Kamphuis,
Groothuis, Olthof, Wissink, Wessels, Hilhorst, Ruiter, Slot, Kuiters, Bleeker, Ruijter, Tol, Schilder, Veerman,
Zwarthoed, Keizer, Kwakman, Buijs, Snoek, Vlieger, van Zanten, Kraan, Zonneveld, van der Voort, Heemskerk, Warmerdam,
van Steijn, Duivenvoorden, van Schaik, Oudshoorn, Hogenboom, Zuidgeest, van der Kooij, Mooijman, Vreugdenhil,
Boekestijn, Dijkshoorn, van Adrichem, 't Hart, in 't Veld, van 't Hof, op den Camp, van 't Wout, uit den Boogaard, van
der Stelt, den Hartog, den Ouden, den Hollander, den Boer, den Dekker, van Schouwen, de Kok, Poot, Kleijn, Groeneveld,
Westerveld, Kersten, Roos, Moerman, Goossens, van der Weide, van Noort, Bloemendaal, Kleinjan, Verkerk, Stolk,
Noordam, van Buuren, Ouwehand, Slingerland, Hoogland, Zeeman, Schippers, Walraven, van Ommen, van Rossum, Lindeman,
van Amerongen, Versteeg, Hakvoort, Bouwmeester, Koelewijn, van de Beek, Dorresteijn, van Ginkel, Kuijt, van der Plas,
de Mooij, Haasnoot
"""
TURKISH = (
    "Yılmaz, Kaya, Demir, Öztürk, Çelik, Şahin, Aydın, Arslan, Doğan, Yıldız, Özdemir, Koç, Kurt, Aksoy, Polat, Karaca"
)
MOROCCAN = "el Amrani, Bouali, Benali, el Idrissi, Azzouzi, Bakkali, Chaouki, Haddou, el Khattabi, Ouali, Tahiri, Ziani"
POLISH = "Kowalski, Nowak, Wiśniewski, Wójcik, Kamiński, Lewandowski, Zieliński, Szymański, Mazur, Krawczyk"
SURINAMESE = (
    "Ramdin, Soekhai, Pinas, Kartodikromo, Gangadin, Baldew, Wijngaarde, Esajas, Ramlal, Bhagwandin, Vliet, Somohardjo"
)
